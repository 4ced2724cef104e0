/** How a deployment that is asked for is told to whoever carries it out. Pure: the request that is to be sent. */

export const DISPATCHER_KINDS = ["github-workflow", "github-dispatch", "gitlab-trigger", "webhook"] as const;
export type DispatcherKind = (typeof DISPATCHER_KINDS)[number];

/** Where deployments are sent, with what they are sent with. */
export type Dispatcher = {
	id: string;
	kind: DispatcherKind;
	/** Empty: all. */
	environmentId: string;
	component: string;
	settings: Record<string, string>;
	secret: string;
};

/** A deployment that is asked for. */
export type Wanted = { requestId: string; environment: string; component: string; version: string; commit: string | null; by: string };

export type Call = { url: string; headers: Record<string, string>; body: string };

/** What each kind needs to be told, and what it is for. */
export const DISPATCHER_SETTINGS: Record<DispatcherKind, { required: readonly string[]; optional: readonly string[] }> = {
	"github-workflow": { required: ["repo", "workflow"], optional: ["ref", "inputs"] },
	"github-dispatch": { required: ["repo"], optional: ["event"] },
	"gitlab-trigger": { required: ["project"], optional: ["ref", "host"] },
	webhook: { required: ["url"], optional: [] },
};

/** Inputs of a workflow where nothing else is said. GitHub refuses inputs that a workflow does not declare. */
const INPUTS = "environment={environment},component={component},version={version}";

/** The dispatcher for a component in an environment: the one that names both, else the component, else the environment, else any. */
export function chooseDispatcher<T extends Pick<Dispatcher, "environmentId" | "component">>(
	dispatchers: readonly T[],
	wanted: { environmentId: string; component: string },
): T | null {
	const weight = ({ environmentId, component }: T) => (component === "" ? 0 : 2) + (environmentId === "" ? 0 : 1);
	const fitting = dispatchers.filter(
		({ environmentId, component }) =>
			(environmentId === "" || environmentId === wanted.environmentId) && (component === "" || component === wanted.component),
	);
	return fitting.reduce<T | null>((best, one) => (best === null || weight(one) > weight(best) ? one : best), null);
}

function filled(template: string, wanted: Wanted): string {
	const values: Record<string, string> = { ...wanted, commit: wanted.commit ?? "", request: wanted.requestId };
	return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? "") : whole));
}

function inputsOf(settings: Record<string, string>, wanted: Wanted): Record<string, string> {
	const pairs = (settings.inputs || INPUTS).split(",").flatMap((pair): [string, string][] => {
		const at = pair.indexOf("=");
		return at > 0 ? [[pair.slice(0, at).trim(), filled(pair.slice(at + 1).trim(), wanted)]] : [];
	});
	return Object.fromEntries(pairs);
}

/** GitLab's own address: a host, or in development a whole address of a double. */
export function gitLabBase(host: string | undefined): string {
	if (!host) return "https://gitlab.com";
	return /^https?:\/\//.test(host) ? host.replace(/\/+$/, "") : `https://${host}`;
}

const path = (name: string) => name.split("/").map(encodeURIComponent).join("/");

/** GitHub or GitLab by their own requests; the signed webhook is `signedCall`. */
export function callOf({ kind, settings, secret }: Dispatcher, wanted: Wanted, { gitHubApi }: { gitHubApi: string }): Call | null {
	const { environment, component, version, commit, requestId } = wanted;
	const gitHub = {
		authorization: `Bearer ${secret}`,
		accept: "application/vnd.github+json",
		"x-github-api-version": "2022-11-28",
		"content-type": "application/json",
		"user-agent": "OpsSight",
	};
	switch (kind) {
		case "github-workflow": {
			const url = `${gitHubApi}/repos/${path(settings.repo ?? "")}/actions/workflows/${encodeURIComponent(settings.workflow ?? "")}/dispatches`;
			return {
				url,
				headers: gitHub,
				body: JSON.stringify({ ref: filled(settings.ref || "main", wanted), inputs: inputsOf(settings, wanted) }),
			};
		}
		case "github-dispatch": {
			const payload = { environment, component, version, commit, request: requestId, by: wanted.by };
			const url = `${gitHubApi}/repos/${path(settings.repo ?? "")}/dispatches`;
			return { url, headers: gitHub, body: JSON.stringify({ event_type: settings.event || "deploy", client_payload: payload }) };
		}
		case "gitlab-trigger": {
			const form = new Map([
				["token", secret],
				["ref", filled(settings.ref || "main", wanted)],
				["variables[ENVIRONMENT]", environment],
				["variables[COMPONENT]", component],
				["variables[VERSION]", version],
				["variables[COMMIT]", commit ?? ""],
			]);
			const body = [...form].map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
			const url = `${gitLabBase(settings.host)}/api/v4/projects/${encodeURIComponent(settings.project ?? "")}/trigger/pipeline`;
			return { url, headers: { "content-type": "application/x-www-form-urlencoded", "user-agent": "OpsSight" }, body };
		}
		case "webhook":
			return null;
	}
}

/** What a webhook is sent, before it is signed. */
export function webhookBody(wanted: Wanted, now: number): string {
	const { requestId, environment, component, version, commit, by } = wanted;
	const data = { request: requestId, environment, component, version, commit, requested_by: by };
	return JSON.stringify({ type: "deployment.requested", timestamp: new Date(now).toISOString(), data });
}
