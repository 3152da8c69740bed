package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// npmInstall fetches what a folder's package-lock.json names, once. The new
// folder appears in one step, as several tests may come here at a time.
func npmInstall(t testing.TB, folder string) {
	t.Helper()
	modules := filepath.Join(folder, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return
	}
	work, err := os.MkdirTemp(folder, "node_modules-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(work)
	for _, name := range []string{"package.json", "package-lock.json"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(work, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the peers of %s cannot be had: %v\n%s", folder, err, out)
	}
	if err := os.Rename(filepath.Join(work, "node_modules"), modules); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
}
