// The API server's doors: who asks, may they, what do they want, and an answer in Kubernetes' words.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { ADMIN, ANONYMOUS, isAllowed, mayReadPath, rulesOf, type User } from "./access.ts";
import { selfSigned } from "./certificate.ts";
import { setDefaults, validate } from "./defaults.ts";
import { discover } from "./discovery.ts";
import {
	badRequest,
	continueTooOld,
	Failure,
	forbidden,
	forbiddenPath,
	methodNotAllowed,
	tooOld,
	unauthorized,
	unknownPath,
} from "./failures.ts";
import type { Request } from "./hooks.ts";
import type { World } from "./index.ts";
import { copy, type Json, type KubeObject, timestamp } from "./objects.ts";
import { applyPatch } from "./patches.ts";
import { apiVersionOf, type Resource, resourceOf } from "./resources.ts";
import { fieldSelector, labelSelector, type Matcher } from "./selectors.ts";
import { tableOf, wantsTable } from "./tables.ts";

type Address = { resource: Resource | null; group: string; plural: string; subresource: string; namespace: string; name: string };

/** `/apis/apps/v1/namespaces/shop/deployments/checkout/scale` in its parts; null for an address that is no resource's. */
function addressOf(path: string): Address | null {
	const match = /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))\/(.+)$/.exec(path);
	if (!match) return null;
	const [group, version] = match[1] ? ["", "v1"] : [match[2] as string, match[3] as string];
	const parts = (match[4] as string).split("/").filter(Boolean).map(decodeURIComponent);
	const isInside = parts[0] === "namespaces" && parts.length > 2 && !["status", "finalize"].includes(parts[2] as string);
	const [plural = "", name = "", subresource = ""] = isInside ? parts.slice(2) : parts;
	// A namespace is its own namespace to RBAC.
	const namespace = isInside ? (parts[1] as string) : plural === "namespaces" && !group ? name : "";
	return { resource: resourceOf(group, version, plural) ?? null, group, plural, subresource, namespace, name };
}

const isTrue = (value: string | null) => value === "true" || value === "1";

function verbOf(method: string, address: Address | null, query: URLSearchParams): string {
	if (!address) return method.toLowerCase();
	if (method === "GET") return isTrue(query.get("watch")) ? "watch" : address.name ? "get" : "list";
	if (method === "DELETE") return address.name ? "delete" : "deletecollection";
	return { POST: "create", PUT: "update", PATCH: "patch" }[method] ?? method.toLowerCase();
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString();
}

const parse = (text: string): Json => {
	try {
		return text ? JSON.parse(text) : null;
	} catch {
		throw badRequest("the object provided is unrecognized (must be of type JSON)");
	}
};

/** The server over a world. It listens on a free port of loopback, with a certificate of its own. */
export async function serve(
	world: World,
	port = 0,
): Promise<{ url: string; ca: string; server: Server; dropWatches: (matches?: (request: Request) => boolean) => number }> {
	const { key, cert } = selfSigned();
	const watches = new Set<{ request: Request; end: () => void }>();
	const server = createServer({ key, cert }, (incoming, outgoing) => {
		answer(world, watches, incoming, outgoing).catch((cause) => {
			console.error("kube-double:", cause);
			outgoing.destroy();
		});
	});
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	const address = server.address();
	const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : port}`;
	const dropWatches = (matches: (request: Request) => boolean = () => true) => {
		const dropped = [...watches].filter(({ request }) => matches(request));
		for (const { end } of dropped) end();
		return dropped.length;
	};
	return { url, ca: cert, server, dropWatches };
}

type Watches = Set<{ request: Request; end: () => void }>;

async function answer(world: World, watches: Watches, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
	const url = new URL(incoming.url ?? "/", "https://127.0.0.1");
	const method = incoming.method ?? "GET";
	const text = await bodyOf(incoming);
	const address = addressOf(url.pathname);
	const token = /^Bearer (.+)$/i.exec(incoming.headers.authorization ?? "")?.[1];
	const user = token === undefined ? ANONYMOUS : world.users.get(token);
	const request: Request = {
		method,
		path: url.pathname,
		query: url.searchParams,
		contentType: (incoming.headers["content-type"] ?? "").split(";")[0] as string,
		user: user?.name ?? "",
		verb: verbOf(method, address, url.searchParams),
		resource: address ? [address.plural, address.subresource].filter(Boolean).join("/") : "",
		namespace: address?.namespace ?? "",
		name: address?.name ?? "",
		body: null,
		dryRun: url.searchParams.get("dryRun") === "All",
		status: 0,
	};
	world.requests.push(request);
	const send = (status: number, body: Json | string) => {
		request.status = status;
		const isText = typeof body === "string";
		outgoing.writeHead(status, {
			"content-type": isText ? "text/plain; charset=utf-8" : "application/json",
			"cache-control": "no-cache, private",
		});
		outgoing.end(isText ? body : `${JSON.stringify(body)}\n`);
	};

	const fault = await world.hooks.pass(request);
	if (fault === "reset") return void outgoing.destroy();
	try {
		if (fault && fault !== "lost") {
			if (fault.retryAfter !== undefined) outgoing.setHeader("retry-after", fault.retryAfter);
			throw new Failure(fault.status, fault.status >= 500 ? "InternalError" : null, fault.message ?? "the test says no");
		}
		if (!user) throw unauthorized();
		authorize(user, request, address);
		request.body = parse(text);
		if (request.verb === "watch" && address?.resource) return watch(world, watches, request, address, incoming, outgoing);
		const [status, body] = handle(world, user, request, address, incoming);
		if (fault === "lost") {
			request.status = status;
			return void outgoing.destroy();
		}
		send(status, body);
	} catch (cause) {
		if (!(cause instanceof Failure)) throw cause;
		send(cause.code, cause.status);
	}
}

function authorize(user: User, request: Request, address: Address | null): void {
	if (!address) {
		if (!mayReadPath(user, request.path)) throw forbiddenPath(user.name, request.verb, request.path);
		return;
	}
	const asked = { verb: request.verb, group: address.group, resource: request.resource, namespace: address.namespace, name: address.name };
	if (!isAllowed(user, asked)) throw forbidden(user.name, asked);
}

function handle(world: World, user: User, request: Request, address: Address | null, incoming: IncomingMessage): [number, Json | string] {
	if (!address) {
		const found = discover(request.path, incoming.headers.host ?? "");
		if (found === null) throw unknownPath();
		return [200, found];
	}
	const { resource, namespace, name } = address;
	if (!resource) throw unknownPath();
	if (resource.group === "authorization.k8s.io") return [201, review(user, resource, request.body)];
	if (address.subresource) return [200, handleSubresource(world, request, address)];
	const asTable = wantsTable(incoming.headers.accept ?? "");
	const show = (object: KubeObject) => (asTable ? tableOf(world, resource, [object], object.metadata.resourceVersion) : object);
	switch (request.verb) {
		case "get":
			return [200, show(world.store.get(resource, namespace, name))];
		case "list":
			return [200, list(world, request, address, asTable)];
		case "create":
			return [201, show(create(world, request, address))];
		case "update":
			if (!request.body?.metadata || request.body.metadata.name !== name)
				throw badRequest("the name of the object does not match the name on the URL");
			return [
				200,
				show(change(world, request, address, () => ({ ...request.body, kind: resource.kind, apiVersion: apiVersionOf(resource) }))),
			];
		case "patch":
			if (!name) throw methodNotAllowed();
			return [200, show(change(world, request, address, (was) => applyPatch(request.contentType, was, request.body)))];
		case "delete":
			return [200, remove(world, request, address)];
		default:
			throw methodNotAllowed();
	}
}

function review(user: User, what: Resource, body: Json): Json {
	const { spec = {} } = body ?? {};
	const { group = "", resource = "", subresource = "", verb = "", namespace = "", name = "" } = spec.resourceAttributes ?? {};
	const plural = subresource ? `${resource}/${subresource}` : resource;
	const allowed = spec.resourceAttributes
		? isAllowed(user, { verb, group, resource: plural, namespace, name })
		: mayReadPath(user, spec.nonResourceAttributes?.path ?? "");
	return {
		kind: what.kind,
		apiVersion: apiVersionOf(what),
		metadata: { creationTimestamp: null },
		spec,
		status: what.kind === "SelfSubjectRulesReview" ? rulesOf(user, spec.namespace ?? "") : { allowed },
	};
}

function matcherOf(request: Request, resource: Resource): Matcher {
	const { query, name } = request;
	const labels = labelSelector(query.get("labelSelector") ?? "");
	const fields = fieldSelector(query.get("fieldSelector") ?? "", resource.kind);
	return (object) => labels(object) && fields(object) && (!name || object.metadata.name === name);
}

const versionIn = (query: URLSearchParams): number => {
	const text = query.get("resourceVersion") ?? "";
	if (text && !/^\d+$/.test(text)) {
		throw new Failure(500, null, `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
	}
	return Number(text);
};

function list(world: World, request: Request, address: Address, asTable: boolean): Json {
	const resource = address.resource as Resource;
	const limit = Number(request.query.get("limit") ?? 0);
	let [version, after] = [world.store.version, ""];
	const token = request.query.get("continue");
	if (token) {
		try {
			({ rv: version, start: after } = JSON.parse(Buffer.from(token, "base64url").toString()));
		} catch {
			throw badRequest("invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value");
		}
		if (world.store.isForgotten(version)) throw continueTooOld();
	}
	const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ""}/${metadata.name}`;
	const rest = world.store.list(resource, address.namespace, matcherOf(request, resource)).filter((object) => keyOf(object) > after);
	const page = limit ? rest.slice(0, limit) : rest;
	const remaining = rest.length - page.length;
	const next = remaining
		? Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start: keyOf(page.at(-1) as KubeObject) })).toString("base64url")
		: "";
	const metadata = { resourceVersion: String(version), ...(next ? { continue: next, remainingItemCount: remaining } : {}) };
	if (asTable) return { ...tableOf(world, resource, page, metadata.resourceVersion), metadata };
	// The items of a list do not say what they are.
	const items = page.map(({ kind: _kind, apiVersion: _apiVersion, ...object }) => object);
	return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items };
}

function create(world: World, request: Request, { resource, namespace }: Address): KubeObject {
	const what = resource as Resource;
	const { body } = request;
	if (!body?.metadata?.name) throw badRequest("the object provided is unrecognized: it has no name");
	const object: KubeObject = { ...copy(body), kind: what.kind, apiVersion: apiVersionOf(what) };
	if (what.namespaced) {
		if (object.metadata.namespace && object.metadata.namespace !== namespace)
			throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
		object.metadata.namespace = namespace;
		if (namespace && world.store.list("namespaces").length) world.store.get(resourceOf("", "v1", "namespaces") as Resource, "", namespace);
	}
	setDefaults(object);
	validate(what, object, null);
	return world.store.create(what, managed(world, request, object), request.dryRun);
}

/** Update and patch: what is written is defaulted, checked, and keeps the status it had. */
function change(world: World, request: Request, address: Address, changed: (was: KubeObject) => KubeObject): KubeObject {
	const what = address.resource as Resource;
	const was = world.store.get(what, address.namespace, address.name);
	const object = setDefaults(changed(copy(was)));
	if (object.metadata?.name !== was.metadata.name) throw badRequest("the name of the object does not match the name on the URL");
	if (was.status !== undefined && what.hasGeneration) object.status = copy(was.status);
	validate(what, object, was);
	return world.store.update(what, managed(world, request, object), request.dryRun);
}

/** Loosely what server-side apply keeps: who wrote, not which field. */
function managed(world: World, request: Request, object: KubeObject): KubeObject {
	const manager = request.query.get("fieldManager") ?? request.user;
	const others = (object.metadata.managedFields ?? []).filter((one) => one.manager !== manager);
	const entry = {
		manager,
		operation: "Update",
		apiVersion: object.apiVersion,
		time: timestamp(world.now()),
		fieldsType: "FieldsV1",
		fieldsV1: {},
	};
	return { ...object, metadata: { ...object.metadata, managedFields: [...others, entry] } };
}

function remove(world: World, request: Request, { resource, namespace, name }: Address): Json {
	const what = resource as Resource;
	const { group, plural } = what;
	const was = request.dryRun ? world.store.get(what, namespace, name) : world.store.remove(what, namespace, name);
	const details = { name, ...(group ? { group } : {}), kind: plural, uid: was.metadata.uid };
	return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** `scale` reads and sets the replicas; every other one needs a kubelet that is not there. */
function handleSubresource(world: World, request: Request, address: Address): Json {
	const { resource, namespace, name, subresource } = address;
	const what = resource as Resource;
	if (!what.subresources?.some((one) => one.name === subresource)) throw unknownPath();
	const object = world.store.get(what, namespace, name);
	if (subresource === "status" && request.verb === "get") return object;
	if (subresource === "status" && ["patch", "update"].includes(request.verb)) {
		const changed = request.verb === "update" ? request.body : applyPatch(request.contentType, copy(object), request.body);
		return world.store.update(what, { ...object, status: changed.status }, request.dryRun);
	}
	if (subresource !== "scale") throw new Failure(500, "InternalError", "the double has no kubelet to ask");
	const scaleOf = ({ metadata, spec }: KubeObject) => {
		const { uid, resourceVersion, creationTimestamp } = metadata;
		return {
			kind: "Scale",
			apiVersion: "autoscaling/v1",
			metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
			spec: { replicas: spec.replicas },
		};
	};
	if (request.verb === "get") return scaleOf(object);
	const wanted = request.verb === "update" ? request.body : applyPatch(request.contentType, scaleOf(object), request.body);
	return scaleOf(world.store.update(what, { ...object, spec: { ...object.spec, replicas: wanted.spec.replicas } }, request.dryRun));
}

// As often as the real watch cache sends bookmarks is once a minute; tests want to see one.
const BOOKMARK_EVERY_MS = 1_000;

function watch(
	world: World,
	watches: Watches,
	request: Request,
	address: Address,
	incoming: IncomingMessage,
	outgoing: ServerResponse,
): void {
	const resource = address.resource as Resource;
	const { store } = world;
	const matches = matcherOf(request, resource);
	const from = versionIn(request.query);
	if (from && store.isForgotten(from) && world.expiresWithStatus) throw tooOld(from, store.version);
	const asTable = wantsTable(incoming.headers.accept ?? "");
	request.status = 200;
	outgoing.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
	outgoing.flushHeaders();
	const write = (type: string, object: Json) => outgoing.write(`${JSON.stringify({ type, object })}\n`);
	let columnsSent = false;
	const send = (type: string, object: KubeObject) => {
		if (!asTable) return write(type, object);
		// Only the first table of a watch says what its columns are.
		const table = tableOf(world, resource, [object], object.metadata.resourceVersion);
		if (columnsSent) table.columnDefinitions = null;
		columnsSent = true;
		return write(type, table);
	};
	if (from && store.isForgotten(from)) {
		write("ERROR", tooOld(from, store.version).status);
		return void outgoing.end();
	}
	// Version 0 and none at all mean: what there is now, then what happens.
	if (!from) for (const object of store.list(resource, address.namespace, matches)) send("ADDED", object);
	else for (const { type, object } of store.since(resource, from, address.namespace, matches)) send(type, object);

	const stop = store.listen(resource, address.namespace, matches, ({ type, object }) => send(type, object));
	const bookmarks =
		isTrue(request.query.get("allowWatchBookmarks")) && !asTable
			? setInterval(() => {
					const metadata = { resourceVersion: String(store.version), creationTimestamp: null };
					write("BOOKMARK", {
						kind: resource.kind,
						apiVersion: apiVersionOf(resource),
						metadata,
						...(resource.group === "apps" ? { spec: {}, status: {} } : {}),
					});
				}, BOOKMARK_EVERY_MS)
			: undefined;
	const seconds = Number(request.query.get("timeoutSeconds") ?? 0);
	const timeout = seconds ? setTimeout(() => outgoing.end(), seconds * 1000) : undefined;
	const entry = { request, end: () => outgoing.destroy() };
	watches.add(entry);
	outgoing.on("close", () => {
		stop();
		clearInterval(bookmarks);
		clearTimeout(timeout);
		watches.delete(entry);
	});
}

/** The admin's token that the double always knows, beside those a test adds. */
export const everyoneKnown = (): Map<string, User> => new Map([["admin-token", ADMIN]]);
