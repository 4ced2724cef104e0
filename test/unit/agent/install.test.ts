import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NODE_FLAGS } from "../../../scripts/build-agent.mjs";
import { AGENT_IMAGE, installManifest, isNamespaceName } from "../../../worker/domains/clusters/install.ts";

const options = {
	url: "https://opssight.example.com",
	cluster: "production",
	token: "opsa_t1_secret",
	namespaces: ["shop"],
	image: `${AGENT_IMAGE}:latest`,
};

/** The documents of a manifest, without comment lines. */
function documents(text: string): string[] {
	return text
		.split(/^---\n/m)
		.map((one) => one.replace(/^\s*#.*\n/gm, "").trim())
		.filter(Boolean);
}

function deployed(...files: string[]): string[] {
	return files.flatMap((file) => documents(readFileSync(new URL(`../../../agent/deploy/${file}`, import.meta.url), "utf8")));
}

test("what the page shows is what agent/deploy installs, and the token", () => {
	const files = deployed("base/namespace.yaml", "base/rbac.yaml", "base/deployment.yaml", "overlays/example/rollback-shop.yaml");
	const shown = documents(installManifest(options));
	expect(shown.filter((one) => !one.includes("kind: Secret")).sort()).toEqual(files.sort());
	expect(shown.filter((one) => one.includes("kind: Secret"))).toEqual([expect.stringContaining('stringData: { token: "opsa_t1_secret" }')]);
});

test("it may read, and patch in the namespaces that were chosen, and nothing else", () => {
	const text = installManifest({ ...options, namespaces: ["web", "shop", "shop"] });
	const verbs = [...text.matchAll(/verbs: \[([^\]]*)\]/g)].map(([, list]) => list);
	expect(new Set(verbs)).toEqual(new Set(["get, list, watch", "get, list", "patch"]));
	const resources = [...text.matchAll(/resources: \[([^\]]*)\], verbs/g)].flatMap(([, list]) => (list ?? "").split(", "));
	expect(resources).toHaveLength(18);
	for (const never of ["secrets", "pods/exec", "pods/log", "deployments/scale", "configmaps", "*"]) expect(resources).not.toContain(never);
	expect([...text.matchAll(/kind: Role\nmetadata: .*namespace: "(\w+)"/g)].map(([, name]) => name)).toEqual(["shop", "web"]);
	expect(installManifest({ ...options, namespaces: [] })).not.toContain("patch]");
});

test("nothing from outside can write YAML of its own", () => {
	const hostile = 'x"\n---\nkind: Secret\n# ';
	const text = installManifest({ ...options, url: hostile, cluster: hostile, token: hostile, image: hostile });
	expect(documents(text)).toHaveLength(documents(installManifest(options)).length);
	expect(() => installManifest({ ...options, namespaces: [hostile] })).toThrow(RangeError);
	for (const name of ["", "A", "-a", "a-", "a.b", "x".repeat(64)]) expect(isNamespaceName(name)).toBe(false);
	for (const name of ["shop", "a", "kube-system", "x".repeat(63)]) expect(isNamespaceName(name)).toBe(true);
});

test("the container runs as nobody in particular, on a disk it can't write", () => {
	const text = installManifest(options);
	for (const part of [
		"runAsNonRoot: true",
		"readOnlyRootFilesystem: true",
		"allowPrivilegeEscalation: false",
		"drop: [ALL]",
		"automountServiceAccountToken: false",
		"RuntimeDefault",
	]) {
		expect(text).toContain(part);
	}
	const image = readFileSync(new URL("../../../agent/deploy/Dockerfile", import.meta.url), "utf8");
	expect(image).toMatch(/^FROM node:22-alpine$[\s\S]*^USER 1000:1000$/m);
	expect(image).toContain(JSON.stringify(["node", ...NODE_FLAGS, "index.cjs"]).replaceAll(",", ", "));
});
