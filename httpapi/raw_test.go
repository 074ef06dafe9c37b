package httpapi_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
)

// Most of the requests are bytes that no ordinary client sends. Some never reach the handler: net/http
// itself refuses them, in plain text or, with status 417, without a body.
func TestRawRequests(t *testing.T) {
	const serverItself = true
	var errors logged
	server := httptest.NewUnstartedServer(httpapi.NewHandler(goodStore, allowAll, nil))
	server.Config.ErrorLog = serverLog(&errors)
	server.Config.DisableGeneralOptionsHandler = true
	server.Start()
	defer server.Close()

	o, w := organizationID.String(), webhookID.String()
	auth := "Authorization: " + bearer + "\r\n"
	// lines returns a request; rest is the headers and what follows them.
	lines := func(line, rest string) string { return line + "\r\nHost: x\r\n" + rest }
	ask := func(path string) string { return lines("GET "+path+" HTTP/1.1", auth+"\r\n") }

	for name, c := range map[string]struct {
		request string
		status  int
		itself  bool
	}{
		"a valid request":             {ask(goodPath), 200, false},
		"conflicting Authorization":   {lines("GET "+goodPath+" HTTP/1.1", auth+"Authorization: Bearer other\r\n\r\n"), 401, false},
		"Authorization twice":         {lines("GET "+goodPath+" HTTP/1.1", auth+auth+"\r\n"), 401, false},
		"Authorization in lower case": {lines("GET "+goodPath+" HTTP/1.1", "authorization: "+bearer+"\r\n\r\n"), 200, false},
		"both cases of Authorization": {lines("GET "+goodPath+" HTTP/1.1", auth+strings.ToLower(auth)+"\r\n"), 401, false},
		"spaces around the token":     {lines("GET "+goodPath+" HTTP/1.1", "Authorization: \t"+bearer+" \t\r\n\r\n"), 200, false},
		"a folded header":             {lines("GET "+goodPath+" HTTP/1.1", auth+" more\r\n\r\n"), 401, false},
		"NUL in a header":             {lines("GET "+goodPath+" HTTP/1.1", "Authorization: Bearer a\x00b\r\n\r\n"), 400, serverItself},
		"a space before the colon":    {lines("GET "+goodPath+" HTTP/1.1", "Authorization : "+bearer+"\r\n\r\n"), 400, serverItself},
		"NUL in the path":             {ask("/organization/\x00/webhook/" + w), 400, serverItself},
		"NUL as the path":             {ask("\x00"), 400, serverItself},
		"CRLF in the path":            {ask("/organization/\r\nX: y/webhook/" + w), 400, serverItself},
		"LF in the path":              {ask("/organization/\n/webhook/" + w), 400, serverItself},
		"CR in the path":              {ask("/organization/\r/webhook/" + w), 400, serverItself},
		"a space in the path":         {ask("/organization/ /webhook/" + w), 400, serverItself},
		"a bad escape":                {ask(pathOf("%zz", w)), 400, serverItself},
		"half an escape":              {ask(pathOf(o, w[:34]+"%2")), 400, serverItself},
		"encoded NUL":                 {ask(pathOf("%00", w)), 400, false},
		"encoded CRLF":                {ask(pathOf(o, w+"%0d%0aX:%20y")), 400, false},
		"an encoded slash in an id":   {ask(pathOf(o[:8]+"%2f"+o[9:], w)), 400, false},
		"an upper case encoded slash": {ask(pathOf(o, "%2F"+w)), 400, false},
		"an encoded separator":        {ask("/organization/" + o + "%2fwebhook/" + w), 404, false},
		"two leading slashes":         {ask("/" + goodPath), 404, false},
		"two slashes inside":          {ask(pathOf(o+"/", w)), 404, false},
		"a trailing slash":            {ask(goodPath + "/"), 404, false},
		"dots":                        {ask("/.." + goodPath), 404, false},
		"dots inside":                 {ask("/organization/" + o + "/../" + o + "/webhook/" + w), 404, false},
		"dots as an id":               {ask(pathOf("..", w)), 400, false},
		"encoded dots":                {ask("/%2e%2e" + goodPath), 404, false},
		"a backslash":                 {ask(strings.ReplaceAll(goodPath, "/", `\`)), 400, serverItself},
		"bytes over 127":              {ask(pathOf("\xff\xfe", w)), 400, false},
		"a fragment":                  {ask(goodPath + "#x"), 400, false},
		"no path":                     {"GET\r\n\r\n", 400, serverItself},
		"the path *":                  {ask("*"), 404, false},
		"OPTIONS of the path *":       {lines("OPTIONS * HTTP/1.1", auth+"\r\n"), 404, false},
		"absolute form":               {ask("http://elsewhere.example" + goodPath), 200, false},
		"absolute form, https":        {ask("https://elsewhere.example" + goodPath), 200, false},
		"absolute form without path":  {ask("http://elsewhere.example"), 404, false},
		"absolute form, opaque":       {ask("http:" + goodPath[1:]), 404, false},
		"CONNECT":                     {lines("CONNECT x:80 HTTP/1.1", auth+"\r\n"), 404, false},
		"an unknown method":           {lines("BREW "+goodPath+" HTTP/1.1", auth+"\r\n"), 405, false},
		"method in lower case":        {lines("get "+goodPath+" HTTP/1.1", auth+"\r\n"), 405, false},
		"punctuation in the method":   {lines("G@T "+goodPath+" HTTP/1.1", auth+"\r\n"), 400, serverItself},
		"HTTP/1.0":                    {"GET " + goodPath + " HTTP/1.0\r\n" + auth + "\r\n", 200, false},
		"HTTP/1.0 without token":      {"GET " + goodPath + " HTTP/1.0\r\n\r\n", 401, false},
		"HTTP/0.9":                    {"GET " + goodPath + "\r\n\r\n", 400, serverItself},
		"HTTP/3.0":                    {lines("GET "+goodPath+" HTTP/3.0", auth+"\r\n"), 505, serverItself},
		"no Host":                     {"GET " + goodPath + " HTTP/1.1\r\n" + auth + "\r\n", 400, serverItself},
		"a 1 MiB header":              {lines("GET "+goodPath+" HTTP/1.1", "X: "+strings.Repeat("x", 1<<20+1<<13)+"\r\n\r\n"), 431, serverItself},
		"a 1 MiB token":               {lines("GET "+goodPath+" HTTP/1.1", "Authorization: Bearer "+strings.Repeat("x", 1<<20-1<<12)+"\r\n\r\n"), 401, false},
		"a 1 MiB path":                {ask(pathOf(strings.Repeat("/", 1<<20-1<<12), w)), 404, false},
		"a body on GET":               {lines("GET "+goodPath+" HTTP/1.1", auth+"Content-Length: 5\r\n\r\nhello"), 200, false},
		"a chunked body on GET":       {lines("GET "+goodPath+" HTTP/1.1", auth+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), 200, false},
		"a body with two lengths":     {lines("GET "+goodPath+" HTTP/1.1", auth+"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), 400, serverItself},
		"a broken chunk":              {lines("GET "+goodPath+" HTTP/1.1", auth+"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), 200, false},
		"Expect: 100-continue":        {lines("GET "+goodPath+" HTTP/1.1", auth+"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"), 200, false},
		"an unknown Expect":           {lines("GET "+goodPath+" HTTP/1.1", auth+"Expect: 200-ok\r\n\r\n"), 417, serverItself},
		"an unknown coding":           {lines("GET "+goodPath+" HTTP/1.1", auth+"Transfer-Encoding: gzip\r\n\r\n"), 501, serverItself},
		"a range and a condition":     {lines("GET "+goodPath+" HTTP/1.1", auth+"Range: bytes=0-1\r\nIf-None-Match: *\r\n\r\n"), 200, false},
		"not HTTP":                    {"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", 400, serverItself},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, body := exchange(t, server, c.request)
			require.Equal(t, c.status, status, body)
			if c.status == http.StatusExpectationFailed {
				require.Empty(t, body)
			} else if c.itself == serverItself {
				require.Contains(t, header.Get("Content-Type"), "text/plain")
			} else {
				require.NoError(t, checkResponse("GET", status, header, body))
			}
			status, _, _ = exchange(t, server, ask(goodPath))
			require.Equal(t, 200, status, "the server keeps serving")
		})
	}
	require.NotContains(t, errors.String(), "panic")
}

// limit ends a test that has already failed, because an event did not happen. It is long,
// since a busy machine may delay every event.
const limit = time.Minute

// dial connects to a server, with a deadline.
func dial(t *testing.T, server *httptest.Server) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(limit)))
	return conn.(*net.TCPConn)
}

// exchange sends bytes on a new connection, and reads one response.
func exchange(t *testing.T, server *httptest.Server, request string) (status int, header http.Header, body string) {
	t.Helper()
	conn := dial(t, server)
	defer conn.Close()
	// The server may respond and disconnect before it has read everything.
	go func() { _, _ = io.WriteString(conn, request) }()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(text)
}

// The response to HEAD has the same header as the response to GET. On the connection, the next response
// follows the header at once.
func TestHEADOnTheWire(t *testing.T) {
	server := httptest.NewServer(httpapi.NewHandler(goodStore, allowAll, nil))
	defer server.Close()
	for name, path := range map[string]string{"200": goodPath, "400": pathOf(1, 2), "404": "/"} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, server)
			for _, method := range []string{"HEAD", "GET", "HEAD", "GET"} {
				_, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", method, path, bearer)
				require.NoError(t, err)
			}
			responses := bufio.NewReader(conn)
			var first http.Header
			for _, method := range []string{"HEAD", "GET", "HEAD", "GET"} {
				res, err := http.ReadResponse(responses, &http.Request{Method: method})
				require.NoError(t, err)
				body := new(bytes.Buffer)
				_, err = body.ReadFrom(res.Body)
				require.NoError(t, err)
				require.NoError(t, checkResponse(method, res.StatusCode, res.Header, body.String()))
				res.Header.Del("Date")
				if first == nil {
					first = res.Header
				}
				require.Equal(t, first, res.Header)
			}
		})
	}
}
