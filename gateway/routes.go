package gateway

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"atrium.internal/gateway/middleware/accesslog"
	"atrium.internal/gateway/middleware/bodylimit"
	"atrium.internal/gateway/middleware/clientaddr"
	"atrium.internal/gateway/middleware/csrf"
	"atrium.internal/gateway/middleware/guard"
	"atrium.internal/gateway/middleware/measure"
	"atrium.internal/gateway/middleware/pace"
	"atrium.internal/gateway/middleware/ratelimit"
	"atrium.internal/gateway/middleware/requestid"
	"atrium.internal/gateway/middleware/securityheaders"
	"atrium.internal/gateway/middleware/signin"
	"atrium.internal/gateway/middleware/slots"
	"atrium.internal/gateway/oidc"
	"atrium.internal/gateway/rest"
	"atrium.internal/gateway/sse"
	"atrium.internal/gateway/wire"
	"atrium.internal/gateway/ws"
	"atrium.internal/proto"
)

// routes is the map of the house: what every request passes, in this order,
// and where it ends.
func (g *Gateway) routes(origin *url.URL) http.Handler {
	api := chain(g.api(origin),
		csrf.Middleware,
		signin.Middleware(g.sessions),
		signin.Fresh(g.sessions),
		ratelimit.Middleware(g.deps.Redis, g.config.Limits.classify, g.deps.Log),
		g.users.Middleware,
		bodylimit.Middleware(g.config.bodies()),
		signin.Bound(g.streams),
	)
	platform := http.NewServeMux()
	platform.Handle("/api/", api)
	platform.Handle("GET /chat/ws", api)
	platform.Handle("GET /ide/ws/", ws.Refusals(origin.Scheme+"://"+origin.Host, g.deps.Log)(api))
	platform.HandleFunc("GET /api/docs", g.docs)
	platform.Handle("/", g.static)
	healthy, workspaces := measure.As("health", g.health), measure.As("workspace", g.proxy)

	frames := origin.Scheme + "://*." + g.config.IDEDomain
	return chain(
		byHost(origin, g.config.IDEDomain, healthy,
			chain(measure.Mux(platform), securityheaders.Middleware(frames, g.config.assetsOrigin())), workspaces),
		requestid.Middleware,
		shapes,
		clientaddr.Middleware(g.config.TrustedHops),
		g.measure,
		accesslog.Middleware(g.deps.Log),
		guard.Middleware(g.deps.Log),
		securityheaders.StrictTransport(g.config.hsts(origin)),
		wire.Middleware(g.config.wire()),
		slots.Everyone(g.config.Traffic.Requests, g.config.Traffic.AddressRequests),
		pace.Middleware(g.config.Traffic.pace()),
	)
}

// api is every route below /api: the annotated ones, and before them those
// that protobuf can't say.
func (g *Gateway) api(origin *url.URL) http.Handler {
	chat := sse.Chat{Client: g.clients.chat, Drain: g.deps.Drain}
	files := rest.Attachments{Client: g.clients.chat}
	workspace := sse.Workspace{Client: g.clients.workspaces, Otherwise: g.rest}
	windows := sse.Windows{Client: g.clients.windows, Otherwise: g.rest}
	explain := sse.Explain{Client: g.clients.code, Otherwise: g.rest}

	login := oidc.Handler{Authority: g.clients.auth, Log: g.deps.Log}

	mux := http.NewServeMux()
	mux.Handle("/api/", g.rest)
	mux.HandleFunc("GET /api/auth/oidc/{provider}", login.Begin)
	mux.HandleFunc("GET /api/auth/oidc/{provider}/callback", login.Callback)
	mux.HandleFunc("POST /api/chat/conversations/{conversation}/messages", chat.Send)
	mux.Handle("GET /api/chat/conversations/{conversation}/export", rest.ConversationExport{Client: g.clients.chat, Log: g.deps.Log})
	mux.HandleFunc("POST /api/chat/attachments", files.Upload)
	mux.HandleFunc("GET /api/chat/attachments/{attachment}/content", files.Content)
	mux.HandleFunc("POST /api/chat/messages/{message}/regenerate", chat.Regenerate)
	mux.HandleFunc("GET /api/chat/messages/{message}/stream", chat.Resume)
	mux.Handle("GET /chat/ws", g.endless(ws.Chat{Client: g.clients.chat, Origin: origin.Scheme + "://" + origin.Host, Log: g.deps.Log}))
	mux.Handle("GET /ide/ws/workspaces/{workspace}/terminal", g.endless(ws.Terminal{Client: g.clients.terminals, Origin: origin.Scheme + "://" + origin.Host, Log: g.deps.Log}))
	mux.HandleFunc("GET /api/ide/workspaces/{workspace}/events", g.endless(http.HandlerFunc(workspace.Events)))
	mux.Handle("GET /api/ide/workspaces/{workspace}/windows/requests", g.endless(windows))
	mux.HandleFunc("GET /api/ide/workspaces/{workspace}/files/content", g.files.Read)
	mux.HandleFunc("PUT /api/ide/workspaces/{workspace}/files/content", g.files.Write)
	mux.HandleFunc("DELETE /api/ide/workspaces/{workspace}/files/content", g.files.Delete)
	mux.HandleFunc("GET /api/ide/workspaces/{workspace}/archive", g.files.ReadArchive)
	mux.HandleFunc("PUT /api/ide/workspaces/{workspace}/archive", g.files.WriteArchive)
	mux.Handle("POST /api/ide/ai/explain", explain)
	mux.Handle("POST /api/ai/chat", sse.Generate{Client: g.clients.ai})
	g.foreign(mux)
	mux.Handle("GET /api/users/me/usage", rest.Usage(g.clients.ai, g.clients.workspaces))
	mux.Handle("GET /api/users/me/export", g.export)
	mux.HandleFunc("GET /api/auth/check", rest.Check)
	mux.Handle("GET /api/admin/overview", rest.Overview{
		Accounts: g.clients.admin, Workspaces: g.clients.everybodys, Usage: g.clients.usage,
		Check: func(ctx context.Context) map[string]string { states, _ := g.health.Check(ctx); return states },
	})
	mux.Handle("GET /api/admin/plans/effect", rest.PlanEffect{Accounts: g.clients.admin, Workspaces: g.clients.everybodys, Usage: g.clients.usage})
	mux.Handle("GET /api/admin/usage", rest.AdminUsage{Client: g.clients.usage, Streams: g.streams, Otherwise: g.rest})
	mux.Handle("GET /api/admin/audit", rest.Audit{Client: g.clients.admin, Streams: g.streams, Otherwise: g.rest})
	mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(proto.OpenAPI) // the reader may be gone
	})
	return measure.Mux(mux)
}

// chain puts middleware around a handler; the first named is the outermost.
func chain(h http.Handler, middleware ...func(http.Handler) http.Handler) http.Handler {
	for _, m := range slices.Backward(middleware) {
		h = m(h)
	}
	return h
}
