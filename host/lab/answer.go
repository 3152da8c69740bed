package lab

import (
	"encoding/json"
	"net/http"
)

// succeed answers {"ok":true,"result":...}.
func succeed(w http.ResponseWriter, result any) {
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

// fail answers {"ok":false,"error":...} and logs the code.
func fail(w http.ResponseWriter, r *http.Request, status int, code string) {
	outcome(r, code)
	writeJSON(w, status, map[string]any{"ok": false, "error": code})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
