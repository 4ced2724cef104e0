import { ROLES } from "#worker/domains/auth/model";
import type { Holdings, MemberReport } from "#worker/domains/teams/model";
import { TimeText } from "../../ui/TimeText.tsx";
import { FIELD } from "../shell/fields.ts";
import { Avatar } from "../shell/Person.tsx";
import { roleWord } from "../shell/SideNav.tsx";
import { ActButton, SureButton } from "./ActButton.tsx";
import { removalOfMember } from "./consequences.ts";
import type { Outcome } from "./outcome.ts";
import { Told } from "./Told.tsx";

type MemberRowProps = {
	member: MemberReport;
	/** What they have in use; null for who may not take it away. */
	holdings: Holdings | null;
	isMe: boolean;
	whyId: string | undefined;
	outcome: Outcome | null;
};

/** One person: their role, when they were here, and what an admin can do about it. */
export function MemberRow({ member: { userId, name, login, role, joinedAt, lastSeenAt }, holdings, isMe, whyId, outcome }: MemberRowProps) {
	return (
		<li className="flex flex-col gap-2 px-3.5 py-2.5">
			<div className="flex flex-wrap items-center gap-x-3 gap-y-2">
				<Avatar name={name} />
				<div className="min-w-0 flex-1 basis-44">
					<p className="truncate text-body font-medium">
						{name}
						{isMe && <span className="font-normal text-t3"> (you)</span>}
					</p>
					<p className="truncate text-sec text-t3">
						{login}, since <TimeText at={joinedAt} />
						{lastSeenAt === null ? ", never seen" : ", seen "}
						{lastSeenAt !== null && <TimeText at={lastSeenAt} as="ago" />}
						{lastSeenAt !== null && " ago"}
					</p>
				</div>
				<ActButton act="role" id={userId} name={`Change the role of ${name}`} words="Change" whyId={whyId}>
					<select
						key={role}
						name="role"
						defaultValue={role}
						disabled={whyId !== undefined}
						aria-label={`Role of ${name}`}
						aria-describedby={whyId}
						className={FIELD}
					>
						{ROLES.map((each) => (
							<option key={each} value={each}>
								{roleWord(each)}
							</option>
						))}
					</select>
				</ActButton>
				<SureButton
					act="remove"
					id={userId}
					name={`Remove ${name}`}
					words="Remove"
					whyId={whyId}
					consequence={removalOfMember(name, holdings ?? { tokens: 0, sessions: 0 }, isMe)}
				/>
			</div>
			<Told outcome={outcome} />
		</li>
	);
}
