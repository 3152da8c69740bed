package lib

// webs ask for a page of the web. All of them are done by the Outside of the
// run: a request goes out through what the run may reach.
var webs = []*Function{
	def(Function{
		Names: names("getUrl"), Receiver: "text", Params: params("headers map|boolean?", "simple boolean?"), Returns: "any", Outside: true,
		Semantics: "What a GET request to the address answers: its body, or with simple false a map of responseCode, responseText and responseHeader. Kept for old scripts; invokeurl does more.",
		Examples:  examples(Example{Expr: `getUrl("https://api.test/items")`, Args: `["https://api.test/items"]`, Want: elsewhere("getUrl")}),
	}, outside),
	def(Function{
		Names: names("postUrl"), Receiver: "text", Params: params("parameters map", "headers map|boolean?", "simple boolean?"), Returns: "any", Outside: true,
		Semantics: "What a POST request with the parameters as a form answers; else as getUrl.",
		Examples:  examples(Example{Expr: `postUrl("https://api.test/items", {"name":"Cup"})`, Args: `["https://api.test/items",{"name":"Cup"}]`, Want: elsewhere("postUrl")}),
	}, outside),
	def(Function{
		Names: names("invokeUrl"), Params: params("url text", "method text", "parameters map?", "headers map|boolean?", "simple boolean?"), Returns: "any", Outside: true, Dialect: "creator",
		Semantics: "The function form of the invokeurl task: what a request with that method answers, in simple form unless simple is false.",
		Examples:  examples(Example{Expr: `invokeUrl("https://api.test/items", "GET")`, Args: `["https://api.test/items","GET"]`, Want: elsewhere("invokeUrl")}),
	}, outside),
	def(Function{
		Names: names("openUrl"), Params: params("url text", "target text", "options text?"), Returns: "void", Outside: true,
		Semantics: "Opens a page in the browser of the user: in the same window, new window, popup window, parent window or iframe. Options name the frame, or the height and width of a popup.",
		Examples:  examples(Example{Expr: `openUrl("https://www.example.com", "new window")`, Args: `["https://www.example.com","new window"]`, Want: elsewhere("openUrl")}),
	}, outside),
}

// elsewhere is what a function says that nobody does for the run.
func elsewhere(name string) string {
	return "error: " + name + " cannot be used here: nothing does it for this run"
}
