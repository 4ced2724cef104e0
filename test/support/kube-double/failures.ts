// How the API server says no: Status objects with its own words.
import type { Json, KubeObject } from "./objects.ts";
import { qualified, type Resource } from "./resources.ts";

/** A refusal on its way to the client. */
export class Failure extends Error {
	readonly code: number;
	readonly status: Json;

	constructor(code: number, reason: string | null, message: string, details?: Json) {
		super(message);
		this.code = code;
		this.status = {
			kind: "Status",
			apiVersion: "v1",
			metadata: {},
			status: "Failure",
			message,
			...(reason ? { reason } : {}),
			...(details ? { details } : {}),
			code,
		};
	}
}

const aboutObject = (resource: Resource, name: string) => ({
	name,
	...(resource.group ? { group: resource.group } : {}),
	kind: resource.plural,
});

export const unauthorized = () => new Failure(401, "Unauthorized", "Unauthorized");
export const unknownPath = () => new Failure(404, "NotFound", "the server could not find the requested resource", {});
export const methodNotAllowed = () =>
	new Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
export const unsupportedMediaType = () => new Failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
export const badRequest = (message: string) => new Failure(400, "BadRequest", message);
export const notFound = (resource: Resource, name: string) =>
	new Failure(404, "NotFound", `${qualified(resource)} "${name}" not found`, aboutObject(resource, name));
export const alreadyExists = (resource: Resource, name: string) =>
	new Failure(409, "AlreadyExists", `${qualified(resource)} "${name}" already exists`, aboutObject(resource, name));
export const conflict = (resource: Resource, name: string) =>
	new Failure(
		409,
		"Conflict",
		`Operation cannot be fulfilled on ${qualified(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
		aboutObject(resource, name),
	);

/** A JSON patch whose `test` failed or whose path is not there: 1.20 says no more than this. */
export const patchDidNotApply = () => new Failure(422, "Invalid", "the server rejected our request due to an error in our request", {});

export type Cause = { field: string; reason: string; message: string };

/** Validation said no; `causes` in the order of the API server. */
export function invalid(object: KubeObject, resource: Resource, causes: Cause[]): Failure {
	const sentences = causes.map((cause) => `${cause.field}: ${cause.message}`);
	const kind = resource.group ? `${resource.kind}.${resource.group}` : resource.kind;
	return new Failure(
		422,
		"Invalid",
		`${kind} "${object.metadata.name}" is invalid: ${sentences.length === 1 ? sentences[0] : `[${sentences.join(", ")}]`}`,
		{
			name: object.metadata.name,
			...(resource.group ? { group: resource.group } : {}),
			kind: resource.kind,
			causes: causes.map(({ field, reason, message }) => ({ reason, message, field })),
		},
	);
}

export const tooOld = (asked: number, oldest: number) => new Failure(410, "Expired", `too old resource version: ${asked} (${oldest})`);
export const continueTooOld = () =>
	new Failure(
		410,
		"Expired",
		"The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
	);

/** RBAC said no. */
export function forbidden(
	user: string,
	asked: { verb: string; group: string; resource: string; namespace: string; name: string },
): Failure {
	const { verb, group, resource, namespace, name } = asked;
	const plural = resource.split("/")[0] as string;
	const what = `${group ? `${plural}.${group}` : plural}${name ? ` "${name}"` : ""}`;
	const where = namespace ? ` in the namespace "${namespace}"` : " at the cluster scope";
	return new Failure(
		403,
		"Forbidden",
		`${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}"${where}`,
		{ ...(name ? { name } : {}), ...(group ? { group } : {}), kind: plural },
	);
}

export const forbiddenPath = (user: string, verb: string, path: string) =>
	new Failure(403, "Forbidden", `forbidden: User "${user}" cannot ${verb} path "${path}"`, {});
