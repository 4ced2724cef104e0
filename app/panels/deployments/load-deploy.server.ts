import type { Database } from "#worker/database";
import type { Actor } from "#worker/domains/auth/model";
import { previewDeployment } from "#worker/domains/deployments/actions.server";
import { listRequests } from "#worker/domains/deployments/requests.server";
import { listDeployments } from "#worker/domains/deployments/store.server";
import { readEnvironmentState } from "#worker/domains/environments/state.server";
import { listEnvironments, readEnvironment } from "#worker/domains/environments/store.server";
import { commitsBetween } from "#worker/domains/git/between.server";
import type { DeploymentRow } from "#worker/wire/deployments";
import { type DeployFields, type DeployPreview, isFilled } from "./deploy-page.ts";

/** Deployments that suggestions are taken from. */
const LOOKED_AT = 200;
const REQUESTS_SHOWN = 10;

export type VersionSuggestion = { version: string; environment: string; at: number; status: DeploymentRow["status"] };

/** What the deploy form offers and shows: names, versions, and what stands before the deployment that is filled in. */
export async function loadDeployForm(
	db: Database,
	teamId: string,
	{ fields, actor, now }: { fields: DeployFields; actor: Actor; now: number },
) {
	const [environments, recent, requests] = await Promise.all([
		listEnvironments(db, teamId),
		listDeployments(db, teamId, { limit: LOOKED_AT }),
		listRequests(db, teamId, { limit: REQUESTS_SHOWN }),
	]);
	const own = fields.component === "" ? [] : recent.filter(({ component }) => component === fields.component);
	return {
		environments: environments.map(({ name }) => name),
		components: [...new Set(recent.map(({ component }) => component))].sort((a, b) => a.localeCompare(b, "en")),
		versions: suggestionsOf(own.length > 0 ? own : recent),
		requests,
		preview: isFilled(fields) ? await previewOf(db, teamId, { fields, own, actor, now }) : null,
	};
}

/** Each version once, the newest first. */
function suggestionsOf(rows: readonly DeploymentRow[]): VersionSuggestion[] {
	const seen = new Set<string>();
	return rows.flatMap(({ version, environment, orderedAt: at, status }) => {
		if (seen.has(version) || seen.size >= 30) return [];
		seen.add(version);
		return [{ version, environment, at, status }];
	});
}

type Asked = { fields: DeployFields; own: readonly DeploymentRow[]; actor: Actor; now: number };

async function previewOf(db: Database, teamId: string, { fields, own, actor, now }: Asked): Promise<DeployPreview | null> {
	const { component, version, environment: named } = fields;
	const seen = own.find((one) => one.version === version) ?? null;
	const environment = await readEnvironment(db, teamId, named);
	if (!environment) return null;
	const asked = { environment: environment.id, component, version, commit: seen?.commit ?? null, actor, now };
	const [answer, state, openRequests] = await Promise.all([
		previewDeployment(db, teamId, asked),
		readEnvironmentState(db, teamId, environment.id, now),
		listRequests(db, teamId, { environmentId: environment.id, limit: REQUESTS_SHOWN }),
	]);
	if (!answer || !state) return null;
	const current = state.components.find((one) => one.component === component)?.current ?? null;
	const repo = seen?.repo ?? current?.repo ?? null;
	const commits =
		repo === null || !seen?.commit || !current?.commit
			? null
			: await commitsBetween(db, teamId, { repo, from: current.commit, to: seen.commit });
	const { isProduction, needsApprover } = state.settings;
	return {
		...answer,
		environment: { id: state.id, name: state.name, isProduction, needsApprover, lock: state.lock },
		...{ current, seen, commits },
		openRequests: openRequests.filter((one) => one.state === "waiting" && one.component === component),
	};
}
