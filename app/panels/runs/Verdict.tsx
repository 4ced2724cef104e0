import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { type Failing, STREAK_RUNS } from "#worker/domains/runs/streaks";
import { buttonClass } from "../../ui/Button.tsx";
import { DashedRingIcon, RingTickIcon, SpokesIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { StaleBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";

const LOOKS = {
	quiet: { Icon: RingTickIcon, color: "text-ok" },
	running: { Icon: SpokesIcon, color: "text-run" },
	degraded: { Icon: TriangleIcon, color: "text-warn" },
	failing: { Icon: StopIcon, color: "text-bad" },
	unknown: { Icon: DashedRingIcon, color: "text-idle" },
} as const;

/** What the first sentence says: its shape and colour. */
export type Tone = keyof typeof LOOKS;

type Props = { sentence: string; tone: Tone; staleFor: string | null };

/** The page's first sentence. Cut off from news it keeps its words and loses its happy colour. */
export function Verdict({ sentence, tone, staleFor }: Props) {
	const { Icon, color } = LOOKS[staleFor === null ? tone : "unknown"];
	return (
		<div className="flex min-h-9 items-start gap-2.5 py-1.5">
			<Icon className={`size-5 max-sm:mt-1 ${color}`} />
			<p className="min-w-0 text-verdict font-[650]">{sentence}</p>
			{staleFor !== null && <StaleBadge age={staleFor} />}
		</div>
	);
}

type StripProps = { failing: Failing; detail: string; panel: string; pipelines: string; staleFor: string | null };

/** Something is wrong now: what, since when, and where to look. */
export function FailingStrip({ failing: { repo, workflow, streak, since }, detail, panel, pipelines, staleFor }: StripProps) {
	const isFresh = staleFor === null;
	return (
		<div
			className={`my-1 flex flex-wrap items-center gap-x-3.5 gap-y-2.5 rounded-card border px-3.5 py-3 ${isFresh ? "border-bad-fill bg-bad-bg" : "border-line2 bg-idle-bg"}`}
		>
			<Icon isFresh={isFresh} />
			<div className="min-w-0 flex-1 basis-64">
				<p className="text-body text-t2 max-sm:text-verdict">
					<Strong>{workflow}</Strong> is failing in <Strong>{repo}</Strong>: {streakWords(streak)} runs failed
				</p>
				<p className="text-sec text-t2">
					{since !== null && (
						<>
							Since <TimeText at={since} /> ·{" "}
						</>
					)}
					{detail}
				</p>
			</div>
			{staleFor !== null && <StaleBadge age={staleFor} />}
			<div className="no-print flex gap-2">
				<Link to={pipelines} className={buttonClass()}>
					Failed runs
				</Link>
				<Link to={panel} preventScrollReset className={buttonClass({ tone: "danger" })}>
					See newest failure
				</Link>
			</div>
		</div>
	);
}

function streakWords(streak: number): string {
	if (streak === 2) return "both of its last 2";
	return `its last ${streak < STREAK_RUNS ? streak : `${STREAK_RUNS - 1}+`}`;
}

function Icon({ isFresh }: { isFresh: boolean }) {
	return isFresh ? <StopIcon className="size-5 text-bad" /> : <DashedRingIcon className="size-5 text-idle" />;
}

function Strong({ children }: { children: ReactNode }) {
	return <strong className="font-semibold break-words text-t1">{children}</strong>;
}
