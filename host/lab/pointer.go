package lab

import (
	"strconv"
	"strings"
)

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// set puts a value where a JSON pointer says (RFC 6901), makes what has to stand
// around it, and gives the document. A segment of digits is the place in a list,
// since that is what authors of manifests mean by it.
func set(doc any, pointer string, value any) any {
	if pointer == "" {
		return value
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if rest != "" || strings.HasSuffix(pointer, "/"+name+"/") {
		rest = "/" + rest
	}
	name = unescapePointer.Replace(name)
	if at, err := strconv.Atoi(name); err == nil && at >= 0 && at < 100 {
		if _, object := doc.(map[string]any); !object || len(doc.(map[string]any)) == 0 {
			list, _ := doc.([]any)
			for len(list) <= at {
				list = append(list, nil)
			}
			list[at] = set(list[at], rest, value)
			return list
		}
	}
	object, ok := doc.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	object[name] = set(object[name], rest, value)
	return object
}
