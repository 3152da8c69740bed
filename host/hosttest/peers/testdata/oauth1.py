"""An OAuth 1.0a service on oauthlib, for tests: three legs, consent by itself.

    /usr/bin/python3 oauth1.py PORT

It takes plain http, remembers nonces, and answers /echo only to a request with
a right signature. /log tells what was asked of it.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint, WebApplicationServer

CLIENT, SECRET = "printer-client-1", "printer secret & more"
ONE_LEG = "service-client-1"


class Validator(RequestValidator):
    enforce_ssl = False
    realms = ["photos"]
    allowed_signature_methods = ("HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT")
    client_key_length = nonce_length = (6, 60)
    request_token_length = access_token_length = verifier_length = (6, 60)
    dummy_client = dummy_request_token = dummy_access_token = "dummy-dummy-dummy"

    @property
    def safe_characters(self):
        return set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")

    def __init__(self):
        super().__init__()
        self.nonces, self.temporary, self.lasting, self.verifiers, self.callbacks = set(), {}, {}, {}, {}

    def validate_client_key(self, client_key, request):
        return client_key in (CLIENT, ONE_LEG)

    def get_client_secret(self, client_key, request):
        return SECRET

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        key = (client_key, timestamp, nonce, request_token, access_token)
        fresh = key not in self.nonces
        self.nonces.add(key)
        return fresh

    def get_default_realms(self, client_key, request):
        return []

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def get_realms(self, token, request):
        return []

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri.startswith("http://127.0.0.1")

    def save_request_token(self, token, request):
        self.temporary[token["oauth_token"]] = token["oauth_token_secret"]
        self.callbacks[token["oauth_token"]] = request.redirect_uri

    def verify_request_token(self, token, request):
        return token in self.temporary

    def verify_realms(self, token, realms, request):
        return True

    def get_redirect_uri(self, token, request):
        return self.callbacks[token]

    def save_verifier(self, token, verifier, request):
        self.verifiers[token] = verifier["oauth_verifier"]

    def validate_request_token(self, client_key, token, request):
        return token in self.temporary

    def get_request_token_secret(self, client_key, token, request):
        return self.temporary.get(token, "dummy")

    def validate_verifier(self, client_key, token, verifier, request):
        return self.verifiers.get(token) == verifier

    def invalidate_request_token(self, client_key, request_token, request):
        self.temporary.pop(request_token, None)
        self.verifiers.pop(request_token, None)

    def save_access_token(self, token, request):
        self.lasting[token["oauth_token"]] = token["oauth_token_secret"]

    def validate_access_token(self, client_key, token, request):
        return token in self.lasting

    def get_access_token_secret(self, client_key, token, request):
        return self.lasting.get(token, "dummy")


validator = Validator()
server = WebApplicationServer(validator)
one_leg = SignatureOnlyEndpoint(validator)
log = []


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8")
        uri = "http://%s%s" % (self.headers["Host"], self.path)
        path = urlsplit(self.path).path
        args = (uri, self.command, body, dict(self.headers.items()))
        log.append(path)
        if path == "/request_token":
            headers, out, status = server.create_request_token_response(*args)
            if status == 200:
                out += "&oauth_callback_confirmed=true"
            return self.answer(status, out or "", "application/x-www-form-urlencoded")
        if path == "/authorize":
            token = dict(parse_qsl(urlsplit(self.path).query)).get("oauth_token")
            headers, out, status = server.create_authorization_response(uri, credentials={"user_id": "1815"})
            return self.answer(status, out or "", Location=headers["Location"])
        if path == "/access_token":
            headers, out, status = server.create_access_token_response(*args, credentials={"user_id": "1815"})
            return self.answer(status, out or "", "application/x-www-form-urlencoded")
        if path == "/log":
            return self.answer(200, json.dumps(log))
        if path.startswith("/echo"):
            endpoint = server.validate_protected_resource_request
            if path.startswith("/echo/one"):
                endpoint = one_leg.validate_request
            valid, request = endpoint(*args)
            if not valid:
                return self.answer(401, '{"error":"signature"}')
            return self.answer(200, json.dumps({"id": "1815", "name": "Ada", "path": self.path, "body": body, "auth": self.headers["Authorization"]}))
        return self.answer(404, "{}")

    do_GET = do_POST = do_PUT = handle_any


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
