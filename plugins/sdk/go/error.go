package sdk

// An Error is the connector's own error, as the host tells it to people.
type Error struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Retryable bool   `json:"retryable,omitempty"`
	Reauth    bool   `json:"reauth,omitempty"` // the authorization is dead
	Field     string `json:"field,omitempty"`
}

// Error is the sentence.
func (e *Error) Error() string { return e.Message }
