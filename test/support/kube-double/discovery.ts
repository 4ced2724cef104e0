// What the API server tells about itself: groups, kinds, version.
import type { Json } from "./objects.ts";
import { apiVersionOf, RESOURCES } from "./resources.ts";

const VERSION = {
	major: "1",
	minor: "20",
	gitVersion: "v1.20.2",
	gitCommit: "faecb196815e248d3ecfb03c680a4507229c2a56",
	gitTreeState: "archive",
	buildDate: "2026-11-20T09:00:00Z",
	goVersion: "go1.19.8",
	compiler: "gc",
	platform: "linux/amd64",
};

const groups = [...new Set(RESOURCES.map(({ group }) => group).filter(Boolean))];

function resourceList(groupVersion: string): Json | null {
	const found = RESOURCES.filter((one) => apiVersionOf(one) === groupVersion);
	if (!found.length) return null;
	const resources = found.flatMap(({ plural, kind, namespaced, verbs, shortNames, categories, subresources = [] }) => [
		{ name: plural, singularName: "", namespaced, kind, verbs, ...(shortNames && { shortNames }), ...(categories && { categories }) },
		...subresources.map(({ name, ...sub }) => ({ name: `${plural}/${name}`, singularName: "", namespaced, ...sub })),
	]);
	return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

const groupOf = (name: string) => {
	const version = { groupVersion: `${name}/v1`, version: "v1" };
	return { name, versions: [version], preferredVersion: version };
};

/** The answer at an address that is no resource, or null where there is none. Health answers in text. */
export function discover(path: string, host: string): Json | string | null {
	const clean = path.replace(/\/$/, "");
	if (["/healthz", "/livez", "/readyz"].includes(clean)) return "ok";
	if (clean === "/version") return VERSION;
	if (clean === "/api") {
		return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: host }] };
	}
	if (clean === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(groupOf) };
	const group = /^\/apis\/([^/]+)$/.exec(clean)?.[1];
	if (group && groups.includes(group)) return { kind: "APIGroup", apiVersion: "v1", ...groupOf(group) };
	const version = /^\/(?:apis\/([^/]+\/[^/]+)|api\/(v1))$/.exec(clean);
	return version ? resourceList((version[1] ?? version[2]) as string) : null;
}
