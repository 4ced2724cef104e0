import { RUN_STATUSES } from "#worker/wire/events";
import { BanIcon, DashedRingIcon, RingTickIcon, SpokesIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { BellOffIcon, LockIcon, SparklesIcon, TicksIcon, UndoIcon } from "../../ui/icons-more.tsx";
import { Badge, RunStatusBadge, StaleBadge } from "../../ui/Status.tsx";
import { Part } from "./Part.tsx";

/** The status language: shape, word, colour. Design brief, 3.2. */
const STATES = [
	{ word: "Healthy", tint: "bg-ok-bg text-ok", Icon: RingTickIcon },
	{ word: "Failing", tint: "bg-bad-bg text-bad", Icon: StopIcon },
	{ word: "Degraded", tint: "bg-warn-bg text-warn", Icon: TriangleIcon },
	{ word: "Deploying 62\u202f%", tint: "bg-run-bg text-run", Icon: SpokesIcon },
	{ word: "No data", tint: "bg-idle-bg text-idle", Icon: DashedRingIcon },
	{ word: "Skipped", tint: "bg-idle-bg text-idle", Icon: BanIcon },
	{ word: "Rolled back", tint: "bg-warn-bg text-warn", Icon: UndoIcon },
	{ word: "Acked", tint: "bg-ok-bg text-ok", Icon: TicksIcon },
	{ word: "Muted", tint: "bg-idle-bg text-idle", Icon: BellOffIcon },
	{ word: "Locked", tint: "bg-warn-bg text-warn", Icon: LockIcon },
	{ word: "71\u202f% likely to fail", tint: "bg-pred-bg text-pred", Icon: SparklesIcon },
];

/** Badges of every state, and of runs. */
export function Badges() {
	return (
		<>
			<Part name="States" span={2}>
				<div className="flex flex-wrap gap-2">
					{STATES.map((state) => (
						<Badge key={state.word} {...state} />
					))}
				</div>
			</Part>
			<Part name="Runs">
				<div className="flex flex-wrap gap-2">
					{RUN_STATUSES.map((status) => (
						<RunStatusBadge key={status} status={status} />
					))}
					<StaleBadge age="4 min" />
				</div>
			</Part>
		</>
	);
}
