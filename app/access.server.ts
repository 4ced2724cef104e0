import { type ActionFunctionArgs, json, type LoaderFunctionArgs, redirect } from "@remix-run/cloudflare";
import { recordDenial } from "#worker/domains/audit/chain.server";
import { type Actor, type Membership, nameInAudit, type Permission, type Policy, refusal, roleRefusal } from "#worker/domains/auth/model";
import type { PageContext } from "./context.ts";
import { page } from "./loading.server.ts";

/** Who may see and do what: every page's loader and action is made by one of the wrappers here, which is what lets it be served. */

export type Person = Extract<Actor, { kind: "person" }>;
type Page = { context: PageContext; request: Request };
/** Loaders and actions are called with the same. */
type PageArgs = LoaderFunctionArgs & ActionFunctionArgs;
type OwnArgs = PageArgs & { person: Person };
type TeamArgs = OwnArgs & {
	team: Membership;
	/** That the person may something beyond what the page asks of everybody. @throws 403 with the reason, and notes it in the audit */
	need: (permission: Permission) => Promise<void>;
};
/** A loader or action that says who may use it; the Worker serves no others. */
type Guarded<T> = ((args: PageArgs) => Promise<T>) & { policy: Policy };

/** A page or form of a team, for its members who have a permission. */
export function teamPage<T>(permission: Permission, load: (args: TeamArgs) => Promise<T>): Guarded<T> {
	return guardTeam(permission, load, ({ team }, asked) => mayDo(team, asked));
}

/** What a form of a team does, for its members who have a permission. Errors of the act itself are told by the page. */
export function teamAction<T>(permission: Permission, act: (args: TeamArgs) => Promise<T>): Guarded<T> {
	return guardTeam(permission, act, ({ person, team }, asked) => mayAct(person, team, asked));
}

type Asking = { person: Person; team: Membership };

function guardTeam<T>(
	permission: Permission,
	run: (args: TeamArgs) => Promise<T>,
	why: (asking: Asking, asked: Permission) => string | null,
): Guarded<T> {
	const guarded = page(async (args: PageArgs) => {
		const asking = requireTeam({ ...args, slug: args.params.team });
		const need = (asked: Permission) => requirePermission(args, asking, { asked, message: why(asking, asked) });
		await need(permission);
		return await run({ ...args, ...asking, need });
	});
	return Object.assign(guarded, { policy: { permission } });
}

/** A page that is about the person who is signed in, whatever team they are in. */
export function ownPage<T>(load: (args: OwnArgs) => Promise<T>): Guarded<T> {
	const guarded = page(async (args: PageArgs) => await load({ ...args, person: requirePerson(args) }));
	return Object.assign(guarded, { policy: { permission: "settings:own" as const } });
}

/** A page that anybody may ask for; `why` says what makes that right. */
export function publicPage<T>(why: string, load: (args: PageArgs) => T | Promise<T>): Guarded<T> {
	return Object.assign(
		page(async (args: PageArgs) => await load(args)),
		{ policy: { public: why } },
	);
}

/**
 * The signed-in person. A token opens the API, not pages.
 * @throws a redirect to the sign-in page that leads back here
 */
function requirePerson({ context, request }: Page): Person {
	if (context.actor?.kind === "person") return context.actor;
	const url = new URL(request.url);
	// Remix's own parameter: the way back leads to the page, not to its data.
	url.searchParams.delete("_data");
	throw redirect(`/login?next=${encodeURIComponent(url.pathname + url.search)}`);
}

/**
 * The signed-in person's membership of the team an address names.
 * @throws 404 for an unknown team and for another one's alike, so that an address tells nobody what exists
 */
function requireTeam(asked: Page & { slug: string | undefined }): { person: Person; team: Membership } {
	const person = requirePerson(asked);
	const team = person.teams.find(({ slug }) => slug === asked.slug);
	if (!team) {
		throw json({ message: "There is no such team here, or you are not in it.", requestId: asked.context.requestId }, { status: 404 });
	}
	return { person, team };
}

async function requirePermission(
	{ context, request }: Page,
	{ person, team }: Asking,
	{ asked: permission, message }: { asked: Permission; message: string | null },
): Promise<void> {
	if (message === null) return;
	const { db, requestId, address, now: at } = context;
	const object = `${request.method} ${new URL(request.url).pathname}`;
	await recordDenial(db, team.id, { at, actor: nameInAudit(person), role: team.role, permission, object, requestId, address });
	throw json({ message, requestId }, { status: 403 });
}

/**
 * What only developers see.
 * @throws 404 everywhere else, as for any address that does not exist
 */
export function requireDevelopment({ environment, requestId }: Pick<PageContext, "environment" | "requestId">): void {
	if (environment === "development") return;
	throw json({ message: "There is nothing at this address.", requestId }, { status: 404 });
}

/** Why a member may not do something in this team, or null when they may: the sentence beside a disabled button. */
export function mayDo(team: Pick<Membership, "role">, permission: Permission): string | null {
	return roleRefusal(team.role, permission);
}

/** The same for what is about the person as well: a session that was begun with a token may look at tokens and not make any. */
export function mayAct(person: Person, team: Membership, permission: Permission): string | null {
	return refusal(person, team.id, permission);
}
