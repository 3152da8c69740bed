package main

import (
	"encoding/json"
	"net"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/connectors"
	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/plugintest"
)

// ledTo names, to the program in a test, the connector that leads to this machine
// and where: dropbox=127.0.0.1:41234.
const ledTo = "CONNHOST_TEST_LED"

// ledMain is the program, of whose built-in connectors one may lead to a lab.
func ledMain() {
	os.Exit(runWith(led(os.Getenv(ledTo)), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// A ledCatalogue is that of the program, with another file for one connector.
type ledCatalogue struct {
	builtIn
	connector host.Connector
	file      []byte
}

// led is the catalogue in which a connector leads to a lab.
func led(where string) host.Catalogue {
	id, addr, ok := strings.Cut(where, "=")
	if !ok {
		return builtIn{}
	}
	own, _, _ := builtIn{}.Find(id)
	file, err := ledFile(id, addr)
	if err != nil {
		panic(err)
	}
	own.Manifest, own.Hash = lab.Rewritten(own.Manifest, addr), abi.Hash(file)
	return ledCatalogue{connector: own, file: file}
}

// ledFile is the connector's file with the rewritten manifest.
func ledFile(id, addr string) ([]byte, error) {
	c, _ := connectors.Find(id)
	code, err := abi.Strip(c.File)
	if err != nil {
		return nil, err
	}
	section, err := json.Marshal(lab.Rewritten(c.Manifest, addr))
	if err != nil {
		return nil, err
	}
	return abi.Append(code, section)
}

func (l ledCatalogue) Find(id string) (host.Connector, []byte, bool) {
	if id == l.connector.ID {
		return l.connector, l.file, true
	}
	return l.builtIn.Find(id)
}

func (l ledCatalogue) Head(id string) (host.Connector, bool) {
	if id == l.connector.ID {
		return l.connector, true
	}
	return l.builtIn.Head(id)
}

func (l ledCatalogue) IDOf(hash string) (string, bool) {
	if hash == l.connector.Hash {
		return l.connector.ID, true
	}
	return l.builtIn.IDOf(hash)
}

// A ledLab is the service that a built-in connector describes. What its actions
// answer was recorded of the service.
type ledLab struct {
	*lab.Lab
	at net.Listener
}

// newLedLab shapes it, with the values that are given for parameters.
func newLedLab(id string, values map[string]string) (l ledLab, err error) {
	if l.at, err = lab.Listen("127.0.0.1:0"); err != nil {
		return l, err
	}
	answers, err := recordedAnswers(id)
	if err != nil {
		return l, err
	}
	c, _ := connectors.Find(id)
	addr := l.at.Addr().String()
	l.Lab, err = lab.Shaped(lab.Rewritten(c.Manifest, addr), lab.Options{Addr: addr, Values: values, Always: answers})
	return l, err
}

// recordedAnswers are those of a connector's cases, for its actions. The last of
// several is given from then on.
func recordedAnswers(id string) (list []lab.Fault, err error) {
	cases, err := plugintest.ReadCases("../../connectors/" + id)
	for _, c := range cases.Tapes {
		for i, e := range c.Exchanges {
			times := 1
			if i == len(c.Exchanges)-1 {
				times = -1
			}
			if c.Action != "" {
				list = append(list, lab.Fault{
					Fault: "answer", On: "action:" + c.Action, Nth: i + 1, Times: times,
					Status: e.Response.Status, Header: e.Response.Header, Body: string(e.Response.Body),
				})
			}
		}
	}
	return list, err
}

// lead lets the programs of a script find the service in place of the real one.
func (l ledLab) lead(env *testscript.Env, id string) {
	server := l.Serve(l.at)
	env.Defer(func() { _ = server.Close() })
	env.Setenv(ledTo, id+"="+server.Addr)
	env.Setenv("CONNHOST_ALLOW_CIDR", "127.0.0.1/32:"+portOf(server.Addr))
}
