import type { SessionReport } from "#worker/domains/auth/model";
import { TimeText } from "../../ui/TimeText.tsx";
import { ActButton } from "./ActButton.tsx";
import { browserOf } from "./browser-of.ts";

const METHODS: Record<SessionReport["method"], string> = {
	github: "with GitHub",
	token: "with an access token",
	setup: "with the setup token",
	dev: "by role",
};

/** One session: which browser, from where, since when. */
export function SessionRow({ session: { id, method, agent, address, createdAt, lastSeenAt, isCurrent } }: { session: SessionReport }) {
	const browser = browserOf(agent);
	return (
		<li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3.5 py-2.5">
			<div className="min-w-0 flex-1 basis-56">
				<p className="truncate text-body font-medium" title={agent ?? undefined}>
					{browser}
					{isCurrent && <span className="font-normal text-ok"> this session</span>}
				</p>
				<p className="text-sec text-t3">
					begun <TimeText at={createdAt} /> {METHODS[method]}
					{address !== null && `, from ${address}`}, used <TimeText at={lastSeenAt} as="ago" /> ago
				</p>
			</div>
			{isCurrent ? (
				<p className="text-sec text-t3">Sign out to end it.</p>
			) : (
				<ActButton act="end" id={id} name={`End the session of ${browser}`} words="End" />
			)}
		</li>
	);
}
