import { index, type RouteConfig, route } from "@remix-run/route-config";

/** The site map. Every page of a team lies under /t/:team/, so that a link pasted in a chat always opens. */
export default [
	index("routes/home.tsx"),
	route("login", "routes/login.tsx"),
	route("invitations/:token", "routes/invitation.tsx"),
	route("teams", "routes/teams.tsx"),
	route("settings/range", "routes/range.tsx"),
	route("settings/:preference", "routes/preference.ts"),
	route("t/:team", "routes/team.tsx", [
		index("routes/team-home.ts"),
		route("overview", "routes/overview.tsx"),
		route("pipelines", "routes/pipelines.tsx"),
		route("pipelines/runs", "routes/pipelines-runs.ts"),
		route("runs/:id", "routes/run.tsx"),
		route("deployments", "routes/deployments.tsx"),
		route("deployments/rows", "routes/deployments-rows.ts"),
		route("deployments/new", "routes/new-deployment.tsx"),
		route("deployments/:id", "routes/deployment.tsx"),
		route("environments/:id", "routes/environment.tsx"),
		route("environments/:id/rollback", "routes/ask-rollback.tsx"),
		route("rollbacks/:id", "routes/rollback.tsx"),
		route("settings", "routes/settings/layout.tsx", [
			index("routes/settings/home.ts"),
			route("integrations", "routes/settings/integrations.tsx"),
			route("integrations/new", "routes/settings/new-integration.tsx"),
			route("integrations/:integration", "routes/settings/integration.tsx"),
			route("agents", "routes/settings/agents.tsx"),
			route("members", "routes/settings/members.tsx"),
			route("tokens", "routes/settings/tokens.tsx"),
			route("sessions", "routes/settings/sessions.tsx"),
			route("audit", "routes/settings/audit.tsx"),
			route("appearance", "routes/settings/appearance.tsx"),
			route("demo", "routes/settings/demo.tsx"),
		]),
	]),
	route("dev/ui", "routes/dev-ui.tsx"),
	// An unknown address is a page like any other, not an error with a stack trace in the log.
	route("*", "routes/unknown.ts"),
] satisfies RouteConfig;
