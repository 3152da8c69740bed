package importer

import "errors"

func readProvider(d *document, name string) (*service, error) { return nil, errors.New("x") }
