import type { InvitationReport } from "#worker/domains/teams/model";
import { TimeText } from "../../ui/TimeText.tsx";
import { ActButton } from "./ActButton.tsx";

/** An open invitation. Its link is not shown again. */
export function InvitationRow({ invitation: { id, role, login, createdBy, createdAt, expiresAt } }: { invitation: InvitationReport }) {
	const whom = login ?? "Whoever has the link";
	return (
		<li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
			<p className="min-w-0 flex-1 basis-56 text-body">
				{whom}, as {role}
				<span className="text-sec text-t3">
					, by {createdBy} <TimeText at={createdAt} />, ends <TimeText at={expiresAt} />
				</span>
			</p>
			<ActButton act="uninvite" id={id} name={`Take back the invitation of ${login ?? "whoever has the link"}`} words="Take back" />
		</li>
	);
}
