package main

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/fixture"
	"github.com/connhost/connhost/scripting/value"
)

// worldFlags say what is around a script: the objects, records, answers and
// functions that a product would bring, and the time.
type worldFlags struct {
	input, context  string
	libraries       []string
	forms, fixtures []string
	now, timezone   string
	seed            string
}

func (f *worldFlags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.input, "input", "", "the record input, as a JSON object in `FILE`")
	fs.StringVar(&f.context, "context", "", "objects such as message or crmAPIRequest, as a JSON object of them in `FILE`")
	fs.StringArrayVar(&f.forms, "forms", nil, "records of forms, as YAML or JSON in `FILE`, or a file a form in a folder; repeats")
	fs.StringArrayVar(&f.fixtures, "fixtures", nil, "answers of tasks such as zoho.crm.getRecordById, and of named actions, as YAML in `FILE`; repeats")
	fs.StringVar(&f.timezone, "timezone", "UTC", "the zone of dates, such as Europe/Berlin")
	fs.StringVar(&f.now, "now", "", "the time that the run takes for now, such as 2026-03-15T12:30:00Z")
	fs.StringVar(&f.seed, "seed", "", "makes random numbers the same in every run with this `NUMBER`")
	addLibrary(cmd, &f.libraries)
}

func addLibrary(cmd *cobra.Command, dirs *[]string) {
	cmd.Flags().StringArrayVar(dirs, "lib", nil, "a `FOLDER` of scripts whose functions may be called; repeats")
}

// library reads the scripts of folders; nil without any.
func (p *program) library(dirs []string, opts scripting.Options) (*scripting.Library, error) {
	if len(dirs) == 0 {
		return nil, nil
	}
	var files []scripting.Source
	for _, dir := range dirs {
		found, err := scriptsIn(dir, opts.Limits.Source)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return scripting.NewLibrary(files, opts), nil
}

// mostScripts bounds the files of one library.
const mostScripts = 20_000

// scriptsIn reads the texts of a folder and the folders in it. What is hidden,
// binary or longer than a script may be is none.
func scriptsIn(dir string, limit int) ([]scripting.Source, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, host.Errorf(host.NotFound, "there is no folder %s", dir).WithHint("--lib takes a folder of scripts")
	}
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, host.Errorf(host.NotFound, "the folder %s cannot be read: %s", dir, plainFileError(err)).Because(err)
	}
	var files []scripting.Source
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") && path != root {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > int64(limit) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || !utf8.Valid(data) || slices.Contains(data, 0) {
			return err
		}
		files = append(files, scripting.Source{Name: path, Text: string(data)})
		if len(files) > mostScripts {
			return host.Errorf(host.Refused, "the folder %s holds more than %d files", dir, mostScripts)
		}
		return nil
	})
	if err != nil && host.CodeOf(err) == host.Internal {
		err = host.Errorf(host.NotFound, "the folder %s cannot be read: %s", dir, plainFileError(err)).Because(err)
	}
	return files, err
}

// globals reads what the product would put around the script. Who acts and
// where is there in any case.
func (f worldFlags) globals(user string) (map[string]any, error) {
	out := map[string]any{}
	if f.context != "" {
		objects, err := readObject("--context", f.context)
		if err != nil {
			return nil, err
		}
		out = objects
	}
	if f.input != "" {
		fields, err := readObject("--input", f.input)
		if err != nil {
			return nil, err
		}
		out["input"] = mapOf(fields)
	}
	zoho := map[string]any{
		"loginuser": user, "adminuser": user, "loginuserid": user + "@localhost", "adminuserid": user + "@localhost",
		"appname": "default", "appuri": "default", "ipaddress": "127.0.0.1",
	}
	if given, ok := out["zoho"].(*value.Map); ok {
		for k, v := range given.All() {
			if name, ok := k.(string); ok {
				zoho[strings.ToLower(name)] = v
			}
		}
	}
	out["zoho"] = mapOf(zoho)
	return out, nil
}

// readObject reads a JSON object from a file.
func readObject(flag, path string) (map[string]any, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, host.Errorf(host.NotFound, "the file %s of %s cannot be read: %s", path, flag, plainFileError(err)).Because(err)
	}
	fields, err := scripting.ParseArgs(string(data))
	if err != nil {
		return nil, host.Errorf(host.Usage, "%s takes a JSON object, and %s is none: %v", flag, path, err).
			WithHint(`the file holds for example: {"Item": "Cup"}`)
	}
	return fields, nil
}

// mapOf is a script's map of fields, in the order of their names.
func mapOf(fields map[string]any) *value.Map {
	return scripting.MapOf(fields, slices.Sorted(maps.Keys(fields)))
}

// records reads the forms. Those that are not there appear when a script
// inserts into them.
func (f worldFlags) records() (*fixture.Forms, error) {
	forms := fixture.NewForms()
	for _, path := range f.forms {
		info, err := os.Stat(path)
		if err != nil {
			return nil, host.Errorf(host.NotFound, "the records in %s cannot be read: %s", path, plainFileError(err)).Because(err)
		}
		files, dir := []string{path}, info.IsDir()
		if dir {
			if files, err = filepath.Glob(filepath.Join(path, "*")); err != nil {
				return nil, host.Errorf(host.Usage, "%s is not the name of a folder", path)
			}
		}
		for _, file := range files {
			ext := filepath.Ext(file)
			name := ""
			if dir {
				if !slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(ext)) {
					continue
				}
				name = strings.TrimSuffix(filepath.Base(file), ext)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, host.Errorf(host.NotFound, "the records in %s cannot be read: %s", file, plainFileError(err)).Because(err)
			}
			if err := forms.Read(file, name, data); err != nil {
				return nil, host.Errorf(host.Usage, "%v", err).WithHint("write it as in: Orders: [{ID: 1, Item: Cup}]")
			}
		}
	}
	return forms, nil
}

// answers reads the answers of tasks; nil without any.
func (f worldFlags) answers() (scripting.Tasks, error) {
	var all fixture.Several
	for _, path := range f.fixtures {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, host.Errorf(host.NotFound, "the answers in %s cannot be read: %s", path, plainFileError(err)).Because(err)
		}
		tasks, err := fixture.NewTasks(path, data)
		if err != nil {
			return nil, host.Errorf(host.Usage, "%v", err).
				WithHint("write it as in: tasks: [{task: zoho.crm.getRecordById, answer: {id: 7}}]")
		}
		all = append(all, tasks)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// clock reads the zone and the time.
func (f worldFlags) clock() (*time.Location, func() time.Time, error) {
	zone, err := time.LoadLocation(f.timezone)
	if err != nil {
		return nil, nil, host.Errorf(host.Usage, "no time zone named %q", f.timezone).WithHint("name one such as Europe/Berlin or America/Los_Angeles")
	}
	if f.now == "" {
		return zone, nil, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, f.now, zone); err == nil {
			return zone, func() time.Time { return t }, nil
		}
	}
	t, err := value.ParseDate(f.now, zone)
	if err != nil {
		return nil, nil, host.Errorf(host.Usage, "--now is %q, which is no time", f.now).WithHint("write 2026-03-15T12:30:00Z or \"2026-03-15 12:30:00\"")
	}
	return zone, func() time.Time { return t.Time }, nil
}

// random is nil for numbers that nobody can foresee.
func (f worldFlags) random() (func(int64) int64, error) {
	if f.seed == "" {
		return nil, nil
	}
	seed, err := strconv.ParseInt(f.seed, 10, 64)
	if err != nil {
		return nil, host.Errorf(host.Usage, "--seed is %q and must be a whole number", f.seed)
	}
	return rand.New(rand.NewPCG(uint64(seed), 0)).Int64N, nil
}

// env is the world of one run.
func (f worldFlags) env(user string) (env scripting.Env, err error) {
	if env.Globals, err = f.globals(user); err != nil {
		return env, err
	}
	if env.Location, env.Now, err = f.clock(); err != nil {
		return env, err
	}
	if env.Rand, err = f.random(); err != nil {
		return env, err
	}
	if env.Forms, err = f.records(); err != nil {
		return env, err
	}
	env.Tasks, err = f.answers()
	return env, err
}
