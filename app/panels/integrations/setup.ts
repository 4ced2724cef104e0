import { notificationsPatch } from "./argocd.ts";

/** What someone does on the sender's side, in the sender's own words. Pure. */

export type Connection = {
	source: string;
	/** Where it delivers, absolute. */
	url: string;
	/** Known only right after it was made. */
	secret: string | null;
};

/** One step. `copy` is a value to take along, named by the text itself where they are the same; `secret` values stay masked. */
export type Step = { text: string; copy?: { label: string; value: string; isSecret?: boolean } };

const SECRET_GONE = "The secret you were shown when it was made. It is not shown again: rotate it to get another.";

function urlStep(label: string, { url }: Connection): Step {
	return { text: label, copy: { label, value: url } };
}

function secretStep(label: string, { secret }: Connection): Step {
	if (secret === null) return { text: `${label}: ${SECRET_GONE}` };
	return { text: label, copy: { label, value: secret, isSecret: true } };
}

/** Where an integration's sender delivers. */
export function addressOf(origin: string, { path }: { path: string }): string {
	return origin + path;
}

/** The steps of a source, in order. */
export function stepsFor(connection: Connection): Step[] {
	switch (connection.source) {
		case "github":
			return [
				{ text: "In GitHub open the repository or organisation, then Settings → Webhooks → Add webhook." },
				urlStep("Payload URL", connection),
				{ text: "Content type: application/json" },
				secretStep("Secret", connection),
				{
					text: "Choose “Let me select individual events” and tick Workflow runs, Workflow jobs, Pushes, Deployments and Deployment statuses.",
				},
				{ text: "Leave Active ticked and press Add webhook. GitHub sends a ping at once." },
			];
		case "gitlab":
			return [
				{ text: "In GitLab open the project or group, then Settings → Webhooks → Add new webhook." },
				urlStep("URL", connection),
				secretStep("Secret token", connection),
				{ text: "Trigger: tick Push events, Job events, Pipeline events and Deployment events." },
				{ text: "Leave “Enable SSL verification” ticked and press Add webhook, then Test → Push events." },
			];
		case "argocd":
			return [
				{ text: "This takes Argo CD's notifications controller, which comes with Argo CD. It sends each sync as it begins and ends." },
				secretStep("Store this secret as opssight-token in argocd-notifications-secret", connection),
				{
					text: "Tell the controller where and what to send:",
					copy: { label: "Patch of argocd-notifications-cm", value: argoPatch(connection.url) },
				},
				{
					text: "Subscribe the projects whose applications are to be reported, here all of them:",
					copy: { label: "Subscription", value: ARGO_SUBSCRIBE },
				},
				{ text: "An environment is the application's label “environment” or “env”, else the namespace it is deployed to." },
			];
		case "cdevents":
			return [
				{
					text: "Let your sender of CDEvents deliver by HTTP, binary or structured. Services deployed, upgraded and rolled back are used.",
				},
				urlStep("Sink", connection),
				secretStep("Bearer token, in the header Authorization", connection),
			];
		case "alertmanager":
			return [
				{ text: "Alertmanager presents the secret as it is, so keep it out of repositories: it can read it from a file." },
				secretStep("Store this secret as /etc/alertmanager/opssight-token", connection),
				{ text: "Add the receiver to alertmanager.yml:", copy: { label: "Receiver", value: alertReceiver(connection.url) } },
				{
					text: "Send every alert to it too, as the first of the routes, then reload Alertmanager:",
					copy: { label: "Route", value: "- receiver: opssight\n  continue: true" },
				},
				{ text: "Alerts are verified and kept. No page shows them yet; what came before one does can be replayed." },
			];
		default:
			return [
				connection.secret === null
					? { text: SECRET_GONE }
					: { ...secretStep("Secret", connection), text: "Store the secret in your CI under the name OPSSIGHT_SECRET:" },
				{
					text: "Call this at the end of each build, with the build's own values:",
					copy: { label: "Step of the build", value: eventCall(connection.url, "$OPSSIGHT_SECRET") },
				},
			];
	}
}

const ARGO_SUBSCRIBE = 'kubectl -n argocd annotate appprojects --all notifications.argoproj.io/subscribe.opssight-sync.opssight=""';

const alertReceiver = (url: string) =>
	[
		"- name: opssight",
		"  webhook_configs:",
		`    - url: ${url}`,
		"      send_resolved: true",
		"      http_config:",
		"        authorization:",
		"          type: Bearer",
		"          credentials_file: /etc/alertmanager/opssight-token",
	].join("\n");

const argoPatch = (url: string) =>
	`kubectl -n argocd patch configmap argocd-notifications-cm --type merge --patch-file /dev/stdin <<'EOF'\n${notificationsPatch(url)}EOF`;

function eventCall(url: string, secret: string): string {
	const body = [
		'{"id":"build-1042","workflow":"build","status":"success","repo":"acme/hello","branch":"main"',
		`"started_at":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'","finished_at":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"}`,
	].join(",");
	return `curl -fsS ${url} -H "Authorization: Bearer ${secret}" -H 'Content-Type: application/json' -d '${body}'`;
}

/** The same by the sender's command line, ready to paste; null where the steps are that already. */
export function commandFor({ source, url, secret }: Connection): { label: string; value: string } | null {
	const own = secret ?? "SECRET";
	switch (source) {
		case "github":
			return {
				label: "With the GitHub CLI",
				value: [
					"gh api repos/OWNER/NAME/hooks -f name=web -F active=true",
					"-f 'events[]=workflow_run' -f 'events[]=workflow_job' -f 'events[]=push'",
					"-f 'events[]=deployment' -f 'events[]=deployment_status'",
					`-f config[content_type]=json -f 'config[url]=${url}' -f 'config[secret]=${own}'`,
				].join(" \\\n  "),
			};
		case "gitlab":
			return {
				label: "With curl",
				value: [
					'curl -fsS "https://gitlab.com/api/v4/projects/PROJECT_ID/hooks" -H "PRIVATE-TOKEN: $GITLAB_TOKEN"',
					`--data-urlencode 'url=${url}' --data-urlencode 'token=${own}'`,
					"-d push_events=true -d job_events=true -d pipeline_events=true -d deployment_events=true",
				].join(" \\\n  "),
			};
		case "argocd":
			return {
				label: "The secret, with kubectl",
				value: `kubectl -n argocd patch secret argocd-notifications-secret --type merge -p '{"stringData":{"opssight-token":"${own}"}}'`,
			};
		default:
			return null;
	}
}

/** A signed test from any terminal, which is accepted and then not used: figures stay as they are. */
export function testCallFor({ source, url, secret }: Connection): string {
	const own = secret ?? "SECRET";
	switch (source) {
		case "github":
			return [
				`BODY='{"zen":"Hello from a terminal"}'`,
				`curl -fsS ${url} -H 'Content-Type: application/json' -H 'X-GitHub-Event: ping' -H "X-GitHub-Delivery: test-$(date +%s)" -d "$BODY" \\`,
				`  -H "X-Hub-Signature-256: sha256=$(printf '%s' "$BODY" | openssl dgst -sha256 -hmac '${own}' | sed 's/^.* //')"`,
			].join("\n");
		case "gitlab":
			return `curl -fsS ${url} -H 'Content-Type: application/json' -H 'X-Gitlab-Event: Test Hook' -H 'X-Gitlab-Token: ${own}' -d '{"object_kind":"test"}'`;
		case "cdevents":
			return [
				`curl -fsS ${url} -H 'Content-Type: application/json' -H 'Authorization: Bearer ${own}' \\`,
				`  -H 'ce-specversion: 1.0' -H 'ce-type: dev.cdevents.testcaserun.started.0.3.0' -H "ce-id: test-$(date +%s)" -H 'ce-source: terminal' -d '{}'`,
			].join("\n");
		default:
			return `curl -fsS ${url} -H 'Content-Type: application/json' -H 'X-OpsSight-Event: ping' -H 'Authorization: Bearer ${own}' -d '{}'`;
	}
}

/** Whether only this machine reaches an address, so that no forge can deliver to it. */
export function isLoopback(origin: string): boolean {
	const { hostname } = new URL(origin);
	return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Brings GitHub's deliveries to an address that only this machine reaches. */
export function forwardCall({ url, secret }: Connection): string {
	const own = secret ?? "SECRET";
	return `gh webhook forward --repo=OWNER/NAME --events=workflow_run,workflow_job,push,deployment,deployment_status --secret='${own}' --url=${url}`;
}
