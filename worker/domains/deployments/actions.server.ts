import { z } from "zod";
import type { Database } from "../../database.ts";
import { AppError } from "../../errors.ts";
import { randomId, sha256Hex } from "../../ids.ts";
import { refusedAddress } from "../../safe-fetch.ts";
import { commitAudited } from "../audit/chain.server.ts";
import type { AuditEntry } from "../audit/model.ts";
import { begin } from "../auth/acting.server.ts";
import { type Actor, nameInAudit, roleIn } from "../auth/model.ts";
import { environmentIdOf } from "../environments/model.ts";
import { readEnvironment } from "../environments/store.server.ts";
import { typedName } from "../redaction/typed.ts";
import { hostsFor, newWebhookSecret, type Reach, type Send } from "./dispatch.server.ts";
import { chooseDispatcher, DISPATCHER_KINDS, DISPATCHER_SETTINGS, type DispatcherKind, gitLabBase } from "./dispatch.ts";
import { readGate } from "./gate.server.ts";
import type { GateAnswer } from "./gate.ts";
import {
	type DeployRequest,
	decideRequest,
	deleteDispatcher,
	failRequest,
	insertDispatcher,
	insertRequest,
	listDispatchers,
	noteDispatch,
	personOf,
	readDispatcher,
	readRequest,
	updateDispatcher,
} from "./requests.server.ts";

/** What people do about deployments: ask for one, let one go, and say where such are sent. */

export type Deps = {
	db: Database;
	actor: Actor;
	requestId: string;
	/** The first part of the sender's address. */
	address: string | null;
	/** Epoch ms. */
	now: number;
	send: Send;
	reach: Reach;
};

const DISPATCHERS_MAX = 50;

const Environment = typedName(255, { missing: "Say which environment.", long: "The name may have up to 255 characters." });
const Component = typedName(255, { missing: "Say what is deployed.", long: "The name may have up to 255 characters." });
const Version = typedName(255, { missing: "Say which version.", long: "The version may have up to 255 characters." });
const Commit = z.string().trim().max(64, "A commit's name has up to 64 characters.").nullish();
const Id = z.string({ error: "Say which." }).max(100);

export const AskDeployment = z.object({
	environment: Environment,
	component: Component,
	version: Version,
	commit: Commit,
	/** The same key is the same request. */
	key: z.string().max(200).nullish(),
});
export const OneRequest = z.object({ id: Id });
export const DeclineRequest = z.object({ id: Id, reason: z.string().trim().max(500).nullish() });

function entryOf(
	{ actor, requestId, address, now: at }: Deps,
	teamId: string,
	act: Pick<AuditEntry, "act" | "object" | "before" | "after" | "reason">,
): AuditEntry {
	return { at, actor: nameInAudit(actor), role: roleIn(actor, teamId), ...act, requestId, address, outcome: "done" };
}

/** Who asks, as an environment's lock names people. */
export function idOfAsker(actor: Actor): string {
	return nameInAudit(actor);
}

/** What stands against a deployment and where it would be sent, for the form to show before its button. */
export async function previewDeployment(
	db: Database,
	teamId: string,
	ask: { environment: string; component: string; version: string; commit: string | null; actor: Actor; now: number },
): Promise<{ gate: GateAnswer; dispatcher: { id: string; kind: DispatcherKind } | null } | null> {
	const { environment, answer } = await readGate(db, teamId, { ...ask, askerId: idOfAsker(ask.actor) });
	if (!environment) return null;
	const wanted = { environmentId: environment.id, component: ask.component };
	const chosen = chooseDispatcher(await listDispatchers(db, teamId), wanted);
	return { gate: answer, dispatcher: chosen && { id: chosen.id, kind: chosen.kind } };
}

/**
 * Ask for a deployment: its guards, then the one who carries it out is told, at once or once a second person has approved.
 * @throws AppError forbidden | invalid | conflict (a guard, or nobody carries it out) | unavailable (it could not be sent)
 */
export async function askDeployment(deps: Deps, teamId: string, input: unknown): Promise<{ request: DeployRequest; isRepeat: boolean }> {
	const {
		environment: named,
		component,
		version,
		commit = null,
		key,
	} = await begin(deps, {
		...{ teamId, permission: "deployments:deploy", schema: AskDeployment, input },
	});
	const { db, actor, now } = deps;
	const id = key ? `q-${(await sha256Hex(`${teamId}\n${key}`)).slice(0, 16)}` : `q-${randomId(12)}`;
	const known = key ? await readRequest(db, teamId, id) : null;
	if (known) {
		const isIn = known.environmentId === named || known.environmentId === environmentIdOf(teamId, named);
		const isSame = isIn && known.component === component && known.version === version && known.commit === commit;
		if (!isSame) throw new AppError("conflict", "This Idempotency-Key was used for another request. Take a new one.");
		return { request: known, isRepeat: true };
	}
	const asked = { environment: named, component, version, commit, askerId: idOfAsker(actor), now };
	const { environment, answer } = await readGate(db, teamId, asked);
	if (!environment) {
		const sentence = "There is no such environment here. One appears with its first deployment.";
		throw new AppError("invalid", sentence, { fields: { environment: sentence } });
	}
	refuseIfDenied(answer);
	const chosen = chooseDispatcher(await listDispatchers(db, teamId), { environmentId: environment.id, component });
	if (!chosen) throw nobodyDeploys(component, environment.name);
	const waits = environment.settings.needsApprover;
	const request = {
		...{ id, environmentId: environment.id, component, version, commit, state: waits ? ("waiting" as const) : ("sent" as const) },
		...{ dispatcherId: chosen.id, message: null, requestedBy: { id: nameInAudit(actor), name: actor.name }, requestedAt: now },
	};
	const after = { environment: environment.name, component, version, commit, state: request.state };
	const [stored] = await commitAudited(
		db,
		teamId,
		[insertRequest(teamId, request)],
		[entryOf(deps, teamId, { act: "deployment.ask", object: id, after })],
		{
			onlyIfChanged: true,
		},
	);
	if (stored?.length && !waits) await sendRequest(deps, teamId, await theRequest(db, teamId, id));
	return { request: await theRequest(db, teamId, id), isRepeat: !stored?.length };
}

function refuseIfDenied({ reasons }: GateAnswer): void {
	const denied = reasons.filter(({ tone }) => tone === "deny");
	if (denied.length > 0) throw new AppError("conflict", denied.map(({ message }) => message).join(" "));
}

const nobodyDeploys = (component: string, environment: string) =>
	new AppError("conflict", `Nothing here deploys ${component} to ${environment}. Connect what does, or deploy with your pipeline.`);

const unknownRequest = () => new AppError("notFound", "There is no such request in this team.");

async function theRequest(db: Database, teamId: string, id: string): Promise<DeployRequest> {
	const request = await readRequest(db, teamId, id);
	if (!request) throw unknownRequest();
	return request;
}

/** Tell the one who carries it out. @throws AppError unavailable | conflict when it was not taken; the request says so then */
async function sendRequest({ db, now, send }: Deps, teamId: string, request: DeployRequest): Promise<void> {
	const dispatcher = request.dispatcherId === null ? null : await readDispatcher(db, teamId, request.dispatcherId);
	const { id: requestId, environment, component, version, commit, requestedBy } = request;
	const sent = dispatcher
		? await send(dispatcher, { requestId, environment, component, version, commit, by: requestedBy.name }, now)
		: { result: "permanent" as const, why: "Where it was to be sent is not connected any more." };
	const result = sent.result === "sent" ? `Taken (${sent.status})` : sent.why;
	await db.batch([
		...(dispatcher ? [noteDispatch(teamId, dispatcher.id, result, now)] : []),
		...(sent.result === "sent" ? [] : [failRequest(teamId, requestId, result)]),
	]);
	if (sent.result === "retry" && sent.status === null)
		throw new AppError("unavailable", `${sent.why} Whether it was taken is not known: look there before you ask again.`);
	if (sent.result === "retry") throw new AppError("unavailable", `${sent.why} Nothing was deployed. Ask again in a moment.`);
	if (sent.result === "permanent")
		throw new AppError("conflict", `${sent.why} Nothing was deployed. Check where it is sent, and with what.`);
}

/** Let a deployment go that somebody else asked for. @throws AppError forbidden | notFound | conflict | unavailable */
export async function approveRequest(deps: Deps, teamId: string, input: unknown): Promise<DeployRequest> {
	const { id } = await begin(deps, { teamId, permission: "deployments:deploy", schema: OneRequest, input });
	const { db, actor, now } = deps;
	const request = await theRequest(db, teamId, id);
	const by = nameInAudit(actor);
	if (request.state !== "waiting") throw new AppError("conflict", "This does not wait for anybody any more.");
	if (await isSamePerson(db, teamId, actor, request.requestedBy.id))
		throw new AppError("conflict", "You asked for it: somebody else has to approve it.");
	const { answer } = await readGate(db, teamId, { ...request, environment: request.environmentId, askerId: request.requestedBy.id, now });
	refuseIfDenied(answer);
	const entry = entryOf(deps, teamId, {
		act: "deployment.approve",
		object: id,
		after: { environment: request.environment, version: request.version },
	});
	const decided = decideRequest(teamId, id, { state: "sent", by, at: now, message: null });
	const [changed] = await commitAudited(db, teamId, [decided], [entry], { onlyIfChanged: true });
	if (!changed?.length) throw new AppError("conflict", "Somebody was faster.");
	await sendRequest(deps, teamId, { ...request, state: "sent" });
	return await theRequest(db, teamId, id);
}

/** A person's token is that person, whether they asked with it or approve with it. */
async function isSamePerson(db: Database, teamId: string, actor: Actor, requestedBy: string): Promise<boolean> {
	if (nameInAudit(actor) === requestedBy) return true;
	return actor.userId !== null && actor.userId === (await personOf(db, teamId, requestedBy));
}

/** Refuse one that waits; who asked may take it back. @throws AppError forbidden | notFound | conflict */
export async function declineRequest(deps: Deps, teamId: string, input: unknown): Promise<DeployRequest> {
	const { id, reason = null } = await begin(deps, { teamId, permission: "deployments:deploy", schema: DeclineRequest, input });
	const { db, actor, now } = deps;
	await theRequest(db, teamId, id);
	const entry = entryOf(deps, teamId, { act: "deployment.decline", object: id, reason });
	const decided = decideRequest(teamId, id, { state: "declined", by: nameInAudit(actor), at: now, message: reason });
	const [changed] = await commitAudited(db, teamId, [decided], [entry], { onlyIfChanged: true });
	if (!changed?.length) throw new AppError("conflict", "This does not wait for anybody any more.");
	return await theRequest(db, teamId, id);
}

const Setting = z.string().trim().min(1).max(500);
const Settings = z.record(z.string().max(50), Setting, { error: "Say where it is sent." });
const Secret = z.string().trim().min(8, "A secret has at least 8 characters.").max(500, "A secret may have up to 500 characters.");

export const CreateDispatcher = z.object({
	kind: z.enum(DISPATCHER_KINDS, { error: `Choose one of ${DISPATCHER_KINDS.join(", ")}.` }),
	/** Its id or name; all where none is named. */
	environment: z.string().trim().max(255).nullish(),
	component: z.string().trim().max(255).nullish(),
	settings: Settings,
	/** Made here for a webhook where none is given. */
	secret: Secret.nullish(),
});
export const ChangeDispatcher = z.object({ id: Id, settings: Settings.optional(), secret: Secret.optional() });
export const OneDispatcher = z.object({ id: Id });

function invalid(field: string, sentence: string): AppError {
	return new AppError("invalid", sentence, { fields: { [field]: sentence } });
}

/** Only what a kind reads, and all that it needs. @throws AppError invalid */
function settingsOf(kind: DispatcherKind, sent: Record<string, string>, reach: Reach): Record<string, string> {
	const { required, optional } = DISPATCHER_SETTINGS[kind];
	for (const name of required) if (!sent[name]) throw invalid(`settings.${name}`, `${kind} needs ${name}.`);
	if (sent.repo !== undefined && !/^[\w.-]+\/[\w.-]+$/.test(sent.repo))
		throw invalid("settings.repo", "A repository is written as owner/name.");
	const address = kind === "webhook" ? sent.url : kind === "gitlab-trigger" ? gitLabBase(sent.host) : undefined;
	const refused = address === undefined ? null : refusedAddress(address, { hosts: hostsFor(kind, reach), mayLoopback: reach.mayLoopback });
	if (refused !== null) throw invalid(kind === "webhook" ? "settings.url" : "settings.host", refused);
	return Object.fromEntries([...required, ...optional].flatMap((name) => (sent[name] === undefined ? [] : [[name, sent[name]]])));
}

/** Say where deployments are sent. A webhook's own secret is answered this once. @throws AppError forbidden | invalid | conflict */
export async function createDispatcher(deps: Deps, teamId: string, input: unknown): Promise<{ id: string; secret: string | null }> {
	const {
		kind,
		environment,
		component,
		settings: sent,
		secret,
	} = await begin(deps, {
		...{ teamId, permission: "environments:manage", schema: CreateDispatcher, input },
	});
	const { db, actor, now, reach } = deps;
	const settings = settingsOf(kind, sent, reach);
	if (!secret && kind !== "webhook") throw invalid("secret", "It needs a token to send with.");
	const found = environment ? await readEnvironment(db, teamId, environment) : null;
	if (environment && !found) throw invalid("environment", "There is no such environment here.");
	const made = secret ? null : newWebhookSecret();
	const id = `x-${randomId(12)}`;
	const row = { id, kind, environmentId: found?.id ?? "", component: component ?? "", settings, secret: secret ?? made ?? "" };
	const entry = entryOf(deps, teamId, {
		act: "dispatcher.create",
		object: id,
		after: { kind, environment: found?.name ?? null, component: component ?? null, settings },
	});
	const inserted = insertDispatcher(teamId, row, { by: nameInAudit(actor), at: now, max: DISPATCHERS_MAX });
	const [answer] = await commitAudited(db, teamId, [inserted], [entry], { onlyIfChanged: true });
	if (!answer?.length) throw new AppError("conflict", `A team has up to ${DISPATCHERS_MAX} of these. Remove one that is not used.`);
	return { id, secret: made };
}

const unknownDispatcher = () => new AppError("notFound", "There is no such dispatcher in this team.");

/** Change where one sends, or its secret. @throws AppError forbidden | invalid | notFound */
export async function changeDispatcher(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { id, settings: sent, secret } = await begin(deps, { teamId, permission: "environments:manage", schema: ChangeDispatcher, input });
	const known = await readDispatcher(deps.db, teamId, id);
	if (!known) throw unknownDispatcher();
	const settings = sent === undefined ? null : settingsOf(known.kind, sent, deps.reach);
	const entry = entryOf(deps, teamId, {
		act: "dispatcher.change",
		object: id,
		before: settings === null ? undefined : { settings: known.settings },
		after: { ...(settings && { settings }), ...(secret && { secret: "replaced" }) },
	});
	const changed = updateDispatcher(teamId, id, { settings, secret: secret ?? null });
	const [answer] = await commitAudited(deps.db, teamId, [changed], [entry], { onlyIfChanged: true });
	if (!answer?.length) throw unknownDispatcher();
}

/** Send nothing there any more. @throws AppError forbidden | notFound */
export async function removeDispatcher(deps: Deps, teamId: string, input: unknown): Promise<void> {
	const { id } = await begin(deps, { teamId, permission: "environments:manage", schema: OneDispatcher, input });
	const entry = entryOf(deps, teamId, { act: "dispatcher.remove", object: id });
	const [answer] = await commitAudited(deps.db, teamId, [deleteDispatcher(teamId, id)], [entry], { onlyIfChanged: true });
	if (!answer?.length) throw unknownDispatcher();
}
