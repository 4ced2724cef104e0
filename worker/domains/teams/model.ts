import type { Role } from "../auth/model.ts";

/** Somebody in a team, as its members see them. */
export type MemberReport = {
	userId: string;
	login: string;
	name: string;
	avatar: string | null;
	role: Role;
	joinedAt: number;
	/** When they were here last, in any team; null for never. */
	lastSeenAt: number | null;
};

/** What somebody in a team has in use: what ends when they are removed. */
export type Holdings = {
	userId: string;
	/** Tokens of this team that work. */
	tokens: number;
	/** Browsers that are signed in. */
	sessions: number;
};

/** An invitation that may still be accepted; never its link. */
export type InvitationReport = {
	id: string;
	role: Role;
	/** The GitHub login it is for; null for whoever has the link. */
	login: string | null;
	createdBy: string;
	createdAt: number;
	expiresAt: number;
};

/** How one team stands, for who is in several. */
export type TeamSummary = {
	id: string;
	slug: string;
	name: string;
	role: Role;
	/** Over the last 24 hours, the hour under way included. */
	runs: number;
	success: number;
	failure: number;
	/** success ÷ (success + failure); null without either. */
	successRate: number | null;
	/** When the newest delivery was committed; null when none ever was. */
	lastEventAt: number | null;
};

/** Worst first: lowest success rate with at least one failure, then most runs, then name. As workflows are ordered. */
export function byTeamNeed(a: TeamSummary, b: TeamSummary): number {
	const need = (team: TeamSummary) => (team.failure > 0 ? (team.successRate ?? 2) : 2);
	return need(a) - need(b) || b.runs - a.runs || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Where an invitation's link leads. */
export function invitationPath(token: string): string {
	return `/invitations/${token}`;
}
