import { index, type RouteConfig, route } from "@remix-run/route-config";

/** The site map. Every page of a team lies under /t/:team/, so that a link pasted in a chat always opens. */
export default [
	index("routes/home.tsx"),
	route("login", "routes/login.tsx"),
	route("invitations/:token", "routes/invitation.tsx"),
	route("settings/range", "routes/range.ts"),
	route("settings/:preference", "routes/preference.ts"),
	route("t/:team", "routes/team.tsx", [index("routes/team-home.ts"), route("overview", "routes/overview.tsx")]),
	// An unknown address is a page like any other, not an error with a stack trace in the log.
	route("*", "routes/unknown.ts"),
] satisfies RouteConfig;
