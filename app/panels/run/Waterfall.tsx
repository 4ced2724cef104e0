import type { ReactNode } from "react";
import type { Bar, Waterfall as WaterfallData, WaterfallStep } from "#worker/domains/runs/report";
import { formatDuration } from "../../format/duration.ts";
import { Card } from "../../ui/Card.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { BanIcon, ChevronRightIcon, DashedRingIcon } from "../../ui/icons.tsx";
import { LOOKS } from "../../ui/Status.tsx";
import { barWords, pathWords } from "./run-words.ts";
import { axisMarks, type Mark, stretch } from "./waterfall-geometry.ts";

type Status = WaterfallStep["status"];

const FILLS: Record<Status, string> = {
	success: "fill-ok-fill",
	failure: "fill-bad-fill",
	running: "fill-run-fill",
	queued: "fill-idle-fill",
	cancelled: "fill-idle-fill",
	skipped: "fill-idle-fill",
};

const ROW =
	"grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 px-3.5 sm:grid-cols-[13rem_minmax(0,1fr)_5rem] lg:grid-cols-[18rem_minmax(0,1fr)_5.5rem]";
const BAR_CELL = "col-span-2 row-start-2 sm:col-span-1 sm:col-start-2 sm:row-start-1";
const HATCH = "waits";

/** What a forge's webhook must send for its jobs to be known. */
const JOBS_COME_WITH: Record<string, string> = {
	github: "GitHub tells of them once its webhook sends “Workflow jobs”.",
	gitlab: "GitLab tells of them once its webhook sends “Job events”.",
};

type Props = { waterfall: WaterfallData; source: string; isOver: boolean; now: number };

/** The jobs of a run over time: where it waited, where it worked, and which jobs decided how long it took. */
export function Waterfall({ waterfall, source, isOver, now }: Props) {
	const { bars } = waterfall;
	const words = pathWords(waterfall, isOver);
	if (bars.length === 0) {
		return (
			<Card title="Jobs">
				<Empty title="Its sender has not told of any jobs" Icon={DashedRingIcon}>
					{JOBS_COME_WITH[source] !== undefined && <p>{JOBS_COME_WITH[source]}</p>}
				</Empty>
			</Card>
		);
	}
	const marks = axisMarks(waterfall);
	// While a run goes on, its waterfall ends now.
	const until = isOver ? waterfall.end : Math.max(now, waterfall.start);
	return (
		<Card title="Jobs" note={`${bars.length} ${bars.length === 1 ? "job" : "jobs"}`} aside={<Legend />}>
			{words !== null && <p className="px-3.5 pb-2 text-body text-t2">{words}</p>}
			<Hatch />
			<div className={`${ROW} border-b border-line pb-1`}>
				<svg aria-hidden="true" className={`${BAR_CELL} h-4 w-full overflow-visible`}>
					{marks.map(({ percent, word }) => (
						<text key={percent} x={`${percent}%`} y="11" dx={percent === 0 ? 0 : -3} className="fill-t3 text-min">
							{word}
						</text>
					))}
				</svg>
			</div>
			<ol className="pb-1.5">
				{bars.map((bar) => (
					<li key={bar.jobId} data-job={bar.name} className="border-line not-last:border-b">
						<Job bar={bar} waterfall={waterfall} marks={marks} until={until} />
					</li>
				))}
			</ol>
		</Card>
	);
}

type JobProps = { bar: Bar; waterfall: WaterfallData; marks: Mark[]; until: number };

function Job({ bar, waterfall, marks, until }: JobProps) {
	const { name, stage, status, queuedAt, startedAt, finishedAt, isCritical, steps } = bar;
	const waited = startedAt === null ? until : startedAt;
	const row = (
		<>
			<span className="flex min-w-0 items-center gap-2">
				<ChevronRightIcon className={`size-3.5 text-t3 group-open:rotate-90 ${steps.length === 0 ? "invisible" : ""}`} />
				<StatusMark status={status} />
				<span title={name} className={`truncate ${isCritical ? "font-semibold" : ""}`}>
					{name}
				</span>
				{stage !== null && <span className="truncate text-sec text-t3 max-sm:hidden">{stage}</span>}
			</span>
			<BarDrawing
				className="h-5"
				label={barWords(bar, until)}
				marks={marks}
				waits={stretch(waterfall, queuedAt, waited)}
				works={stretch(waterfall, startedAt, finishedAt ?? until)}
				fill={FILLS[status]}
				isCritical={isCritical}
			/>
			<span className="text-right whitespace-nowrap">{lengthOf(startedAt, finishedAt, until)}</span>
		</>
	);
	if (steps.length === 0) return <div className={`${ROW} min-h-10 py-1.5`}>{row}</div>;
	return (
		// What failed is what one comes for.
		<details open={status === "failure"} className="group">
			<summary className={`${ROW} min-h-10 py-1.5 hover:bg-s2`}>{row}</summary>
			<ol aria-label={`Steps of ${name}`} className="border-t border-line bg-bg py-1">
				{steps.map((step, index) => (
					<li key={index} className={`${ROW} min-h-7 py-1 text-sec`}>
						<span className="flex min-w-0 items-center gap-2 pl-5.5">
							<StatusMark status={step.status} />
							<span title={step.name} className={`truncate ${step.status === "failure" ? "font-medium text-t1" : "text-t2"}`}>
								{step.name}
							</span>
						</span>
						<BarDrawing
							className="h-3"
							label={step.status === "skipped" ? "Skipped" : barWords({ ...step, queuedAt: null, isCritical: false }, until)}
							marks={marks}
							waits={null}
							works={step.status === "skipped" ? null : stretch(waterfall, step.startedAt, step.finishedAt ?? until)}
							fill={FILLS[step.status]}
							isCritical={false}
						/>
						<span className="text-right whitespace-nowrap text-t2">
							{step.status === "skipped" ? "Skipped" : lengthOf(step.startedAt, step.finishedAt, until)}
						</span>
					</li>
				))}
			</ol>
		</details>
	);
}

type Place = { x: number; width: number } | null;
type DrawingProps = { className: string; label: string; marks: Mark[]; waits: Place; works: Place; fill: string; isCritical: boolean };

/** A bar in place of time: hatched where it waited, filled where it worked, underlined where it decided the length. */
function BarDrawing({ className, label, marks, waits, works, fill, isCritical }: DrawingProps) {
	return (
		<svg role="img" aria-label={label} className={`${BAR_CELL} w-full ${className}`}>
			<title>{label}</title>
			{marks.map(({ percent }) => (
				<line key={percent} x1={`${percent}%`} x2={`${percent}%`} y1="0" y2="100%" className="stroke-line" />
			))}
			{waits && (
				<rect x={`${waits.x}%`} width={`${waits.width}%`} y="20%" height="60%" fill={`url(#${HATCH})`} className="stroke-idle-fill" />
			)}
			{works && <rect x={`${works.x}%`} width={`${works.width}%`} y="12%" height="64%" rx="2" className={fill} />}
			{isCritical && works && (
				<rect x={`${works.x}%`} width={`${works.width}%`} y="86%" height="14%" className="fill-t1" data-critical="" />
			)}
		</svg>
	);
}

/** The pattern of waiting, once for all bars. */
function Hatch() {
	return (
		<svg aria-hidden="true" width="0" height="0" className="absolute">
			<defs>
				<pattern id={HATCH} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
					<rect width="5" height="5" className="fill-idle-bg" />
					<rect width="1.5" height="5" className="fill-idle-fill" />
				</pattern>
			</defs>
		</svg>
	);
}

function Legend() {
	return (
		<p className="flex flex-wrap items-center justify-end gap-x-3 text-sec text-t3 max-sm:hidden">
			<Key word="Waiting">
				<rect width="16" height="10" fill={`url(#${HATCH})`} className="stroke-idle-fill" />
			</Key>
			<Key word="Running">
				<rect width="16" height="10" rx="2" className="fill-ok-fill" />
			</Key>
			<Key word="Critical path">
				<rect width="16" height="7" rx="2" className="fill-ok-fill" />
				<rect y="8.5" width="16" height="2" className="fill-t1" />
			</Key>
		</p>
	);
}

function Key({ word, children }: { word: string; children: ReactNode }) {
	return (
		<span className="inline-flex items-center gap-1.5">
			<svg aria-hidden="true" width="16" height="10.5">
				{children}
			</svg>
			{word}
		</span>
	);
}

function StatusMark({ status }: { status: Status }) {
	const { word, ink, Icon } = status === "skipped" ? { word: "Skipped", ink: "text-idle", Icon: BanIcon } : LOOKS[status];
	return (
		<>
			<Icon className={`size-4 ${ink}`} />
			<span className="sr-only">{word}:</span>
		</>
	);
}

function lengthOf(startedAt: number | null, finishedAt: number | null, now: number): string {
	if (startedAt === null) return "—";
	return finishedAt === null ? `${formatDuration(now - startedAt)}+` : formatDuration(finishedAt - startedAt);
}
