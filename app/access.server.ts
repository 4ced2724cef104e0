import { json, redirect } from "@remix-run/cloudflare";
import { type Actor, type Membership, type Permission, roleRefusal } from "#worker/domains/auth/model";
import type { PageContext } from "./context.ts";

export type Person = Extract<Actor, { kind: "person" }>;

/**
 * The signed-in person. A token opens the API, not pages.
 * @throws a redirect to the sign-in page that leads back here
 */
export function requirePerson({ context, request }: { context: PageContext; request: Request }): Person {
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
export function requireTeam(page: { context: PageContext; request: Request; slug: string | undefined }): {
	person: Person;
	team: Membership;
} {
	const person = requirePerson(page);
	const team = person.teams.find(({ slug }) => slug === page.slug);
	if (!team) {
		throw json({ message: "There is no such team here, or you are not in it.", requestId: page.context.requestId }, { status: 404 });
	}
	return { person, team };
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

/**
 * The signed-in person's membership of a team in which they may do something.
 * @throws 404 like requireTeam, 403 with the reason for a member who may not
 */
export function requirePermission(
	page: { context: PageContext; request: Request },
	teamSlug: string | undefined,
	permission: Permission,
): { person: Person; team: Membership } {
	const found = requireTeam({ ...page, slug: teamSlug });
	const message = mayDo(found.team, permission);
	if (message !== null) throw json({ message, requestId: page.context.requestId }, { status: 403 });
	return found;
}
