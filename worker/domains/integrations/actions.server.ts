import { z } from "zod";
import type { Database, Statement } from "../../database.ts";
import { AppError } from "../../errors.ts";
import { newIntegrationId, randomSecret } from "../../ids.ts";
import { commitAudited } from "../audit/chain.server.ts";
import type { AuditEntry } from "../audit/model.ts";
import { begin as beginAct } from "../auth/acting.server.ts";
import { type Actor, nameInAudit, roleIn } from "../auth/model.ts";
import { typedName } from "../redaction/typed.ts";
import { CONNECTABLE, deliveryPath, SECRET_OVERLAP_MS } from "./model.ts";
import {
	deleteIntegration,
	deleteSecrets,
	expireSecret,
	insertIntegration,
	isNameTaken,
	type KnownIntegration,
	putSecret,
	putSecretIfChanged,
	readIntegration,
	updateDisabled,
	updateName,
} from "./store.server.ts";

/** What people do with integrations. Each act is audited in the batch that changes, and the team's ledger knows of it before the answer. */

export type Deps = {
	db: Database;
	ledger: { syncCredentials: (teamId: string) => Promise<void> };
	actor: Actor;
	requestId: string;
	/** The first part of the sender's address. */
	address: string | null;
	/** Epoch ms. */
	now: number;
};

const INTEGRATIONS_MAX = 100;

const Name = typedName(80, { missing: "Give it a name.", long: "The name may have up to 80 characters." });
const Id = z.string({ error: "Say which integration." }).max(100, "There is no such integration.");
export const CreateIntegration = z.object({
	source: z.enum(CONNECTABLE, { error: "Choose GitHub, GitLab, Argo CD, CDEvents or any other CI." }),
	name: Name,
});
export const RenameIntegration = z.object({ id: Id, name: Name });
export const SetDisabled = z.object({ id: Id, isDisabled: z.boolean({ error: "Say whether it is to be switched off." }) });
export const OneIntegration = z.object({ id: Id });

/** What the sender must be told; the secret is shown this once. */
export type NewSecret = { id: string; source: string; name: string; path: string; secret: string };

async function begin<T extends z.ZodType>(deps: Deps, teamId: string, schema: T, input: unknown): Promise<z.infer<T>> {
	return await beginAct(deps, { teamId, permission: "integrations:manage", schema, input });
}

type Act = { act: string; object: string; before?: unknown; after?: unknown };

function entryOf(deps: Deps, teamId: string, act: Act): AuditEntry {
	const { actor, requestId, address, now: at } = deps;
	return { at, actor: nameInAudit(actor), role: roleIn(actor, teamId), ...act, requestId, address, outcome: "done" };
}

function nameTaken(name: string): AppError {
	const sentence = `There is one called ${name} already. Give it another name.`;
	return new AppError("invalid", sentence, { fields: { name: sentence } });
}

const unknown = () => new AppError("notFound", "There is no such integration in this team.");

/** Change one integration by the last of `statements`; the audit entry is written only if there was one to change. */
async function change(deps: Deps, teamId: string, statements: readonly Statement[], entry: AuditEntry): Promise<void> {
	const answers = await commitAudited(deps.db, teamId, statements, [entry], { onlyIfChanged: true });
	if (!answers.at(-1)?.length) throw unknown();
	await sync(deps, teamId);
}

async function sync({ ledger }: Deps, teamId: string): Promise<void> {
	try {
		await ledger.syncCredentials(teamId);
	} catch {
		throw new AppError("unavailable", "This is saved, but deliveries are still checked the old way. Save it once more in a few seconds.");
	}
}

async function find(deps: Deps, teamId: string, id: string): Promise<KnownIntegration> {
	const found = await readIntegration(deps.db, teamId, id);
	if (!found) {
		// One that was removed: the line may not have been told the first time.
		await sync(deps, teamId);
		throw unknown();
	}
	return found;
}

/** Connect something new. @throws AppError forbidden | invalid (also a name in use) | conflict (there are 100 already) */
export async function createIntegration(deps: Deps, teamId: string, input: unknown): Promise<NewSecret> {
	const { source, name } = await begin(deps, teamId, CreateIntegration, input);
	const { db, now } = deps;
	const id = newIntegrationId(teamId);
	const secret = randomSecret();
	const statements = [
		insertIntegration({ id, teamId, source, name, isDemo: false, now, max: INTEGRATIONS_MAX }),
		putSecretIfChanged({ integrationId: id, teamId, slot: 0, secret, now, expiresAt: null }),
	];
	const entry = entryOf(deps, teamId, { act: "integration.create", object: id, after: { source, name } });
	const [inserted] = await commitAudited(db, teamId, statements, [entry], { onlyIfChanged: true });
	if (!inserted?.length && (await isNameTaken(db, teamId, { source, name }))) throw nameTaken(name);
	if (!inserted?.length) throw new AppError("conflict", `A team has up to ${INTEGRATIONS_MAX} integrations. Remove one that is not used.`);
	await sync(deps, teamId);
	return { id, source, name, path: deliveryPath(source, id), secret };
}

/** Call an integration something else. @throws AppError forbidden | invalid (also a name in use) | notFound */
export async function renameIntegration(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { id, name } = await begin(deps, teamId, RenameIntegration, input);
	const { name: before } = await find(deps, teamId, id);
	const entry = entryOf(deps, teamId, { act: "integration.rename", object: id, before: { name: before }, after: { name } });
	const [renamed] = await commitAudited(deps.db, teamId, [updateName(teamId, id, name)], [entry], { onlyIfChanged: true });
	if (!renamed?.length) {
		// Either there is none, which is said, or its new name was refused.
		await find(deps, teamId, id);
		throw nameTaken(name);
	}
	await sync(deps, teamId);
}

/** Switch an integration off, or on again; what comes meanwhile is refused. @throws AppError forbidden | invalid | notFound */
export async function setDisabled(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { id, isDisabled } = await begin(deps, teamId, SetDisabled, input);
	const act = isDisabled ? "integration.disable" : "integration.enable";
	await change(deps, teamId, [updateDisabled(teamId, id, isDisabled ? deps.now : null)], entryOf(deps, teamId, { act, object: id }));
}

/**
 * Give an integration a new secret in its free slot. The one before stays valid for 24 hours; one that was still in such a
 * grace period ends now.
 * @throws AppError forbidden | invalid | notFound | conflict (somebody else has just done it)
 */
export async function rotateSecret(deps: Deps, teamId: string, input: unknown): Promise<NewSecret & { oldExpiresAt: number | null }> {
	const { id } = await begin(deps, teamId, OneIntegration, input);
	const { db, now } = deps;
	const { source, name, secrets } = await find(deps, teamId, id);
	const current = secrets.find(({ expiresAt }) => expiresAt === null) ?? null;
	const secret = randomSecret();
	const put = { integrationId: id, teamId, slot: current?.slot === 0 ? (1 as const) : (0 as const), secret, now, expiresAt: null };
	const oldExpiresAt = current ? now + SECRET_OVERLAP_MS : null;
	const statements = current ? [expireSecret(teamId, id, current, now + SECRET_OVERLAP_MS), putSecretIfChanged(put)] : [putSecret(put)];
	const entry = entryOf(deps, teamId, { act: "integration.rotate", object: id, after: { slot: put.slot } });
	const answers = await commitAudited(db, teamId, statements, [entry], { onlyIfChanged: true });
	if (current && !answers[0]?.length) throw new AppError("conflict", "Somebody has just given this integration a new secret.");
	await sync(deps, teamId);
	return { id, source, name, path: deliveryPath(source, id), secret, oldExpiresAt };
}

/** Forget an integration and its secrets; the runs it brought stay. @throws AppError forbidden | notFound | conflict (the demo's own) */
export async function removeIntegration(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { id } = await begin(deps, teamId, OneIntegration, input);
	const { isDemo, source, name } = await find(deps, teamId, id);
	if (isDemo) throw new AppError("conflict", "This integration belongs to the demo data: remove the demo data, and it goes with it.");
	const entry = entryOf(deps, teamId, { act: "integration.remove", object: id, before: { source, name } });
	await change(deps, teamId, [deleteSecrets(teamId, id), deleteIntegration(teamId, id)], entry);
}
