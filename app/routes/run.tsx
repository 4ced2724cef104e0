import { json, type MetaFunction } from "@remix-run/cloudflare";
import { type ClientLoaderFunctionArgs, useLoaderData, useLocation } from "@remix-run/react";
import { errorOf } from "#worker/domains/runs/model";
import { waterfallOf } from "#worker/domains/runs/report";
import { type RunReport, readRunReport } from "#worker/domains/runs/report.server";
import { teamPage } from "../access.server.ts";
import { formatAge } from "../format/time.ts";
import { keepLast, useKept } from "../live/keep-last.ts";
import { useLive, useLiveStatus } from "../live/use-live.ts";
import { Attempts } from "../panels/run/Attempts.tsx";
import { RawPayload } from "../panels/run/RawPayload.tsx";
import { RunHead } from "../panels/run/RunHead.tsx";
import { foldRunReport, hasNewsOf } from "../panels/run/run-page.ts";
import { StepsTable } from "../panels/run/StepsTable.tsx";
import { useRefetch } from "../panels/run/use-refetch.ts";
import { JOBS_APART_MS } from "../panels/run/use-run-panel.ts";
import { Waterfall } from "../panels/run/Waterfall.tsx";
import type { PageHandle } from "../panels/shell/handle.ts";
import { freshnessOf } from "../panels/shell/live-words.ts";
import { ThingError } from "../panels/shell/ThingError.tsx";
import { unlessPreference } from "../preferences.ts";
import { Card } from "../ui/Card.tsx";
import { useNow } from "../ui/clock.tsx";
import { StopIcon } from "../ui/icons.tsx";
import { PanelBoundary } from "../ui/PanelBoundary.tsx";

export const handle: PageHandle = { filters: [] };

export const meta: MetaFunction<typeof loader> = ({ data }) => {
	const run = data?.report.run;
	return [{ title: run ? `${run.workflow} · ${run.repo} · OpsSight` : "Run · OpsSight" }];
};

/** One answer with everything the page draws. */
export const loader = teamPage("runs:read", async ({ context, params, team }) => {
	const report = await readRunReport(context.db, team.id, params.id ?? "");
	if (!report) {
		const message = "This team has no such run. It may have been removed, or the link is incomplete or of another team.";
		throw json({ message, requestId: context.requestId }, { status: 404 });
	}
	return { report, isOld: false };
});

/** A refresh in the background that fails must not take the page away: the last data stay, and the page knows they are old. */
export async function clientLoader({ request, serverLoader }: ClientLoaderFunctionArgs) {
	return await keepLast(
		request.url,
		() => serverLoader<typeof loader>(),
		(last) => ({ report: { ...last.report }, isOld: true }),
	);
}

export const shouldRevalidate = unlessPreference;

/** Why did this run fail, or take so long: the reason, its jobs over time, and what its workflow's steps usually do. */
export default function Run() {
	const loaded = useLoaderData<typeof loader>();
	const { pathname, search } = useLocation();
	useKept(pathname + search, loaded);
	const refetch = useRefetch();
	const report = useLive<RunReport>(loaded.report, {
		fold: foldRunReport,
		viewKey: pathname,
		isOld: loaded.isOld,
		told: (before, _after, message) => {
			if (hasNewsOf(before.run.id, message)) refetch(JOBS_APART_MS);
		},
	});
	const { run, jobs, steps } = report;
	const isOver = run.status !== "running" && run.status !== "queued";
	// What goes on grows by the second; what is over does not need a clock.
	const now = useNow(isOver ? 10_000 : 1000);
	const status = useLiveStatus();
	const staleFor = freshnessOf(status, now) === "fresh" ? null : formatAge(status.heardAt, now);
	const attempts = attemptsOf(report);
	const why = errorOf(run);
	const step = run.error !== null && run.failedStep !== null && run.failedStep !== run.error ? run.failedStep : null;
	return (
		<div className="flex flex-col gap-3.5 pt-6">
			<RunHead report={report} attempts={Math.max(run.attempt, attempts.length)} now={now} staleFor={staleFor} />
			{run.status === "failure" && (
				<section
					aria-label="Why it failed"
					className="flex items-start gap-2.5 rounded-card border border-bad-fill bg-bad-bg px-3.5 py-2.5"
				>
					<StopIcon className="mt-0.5 size-4 text-bad" />
					<h2 className="sr-only">Why it failed</h2>
					<p className="min-w-0 break-words">
						<span className="font-medium">{why ?? "Its sender does not say why. The log where it ran does."}</span>
						{step !== null && <span className="text-t2"> · {step}</span>}
					</p>
				</section>
			)}
			<PanelBoundary name="Jobs">
				<Waterfall waterfall={waterfallOf(run, jobs, now)} source={run.source} isOver={isOver} now={now} />
			</PanelBoundary>
			{attempts.length > 1 && (
				<PanelBoundary name="Attempts">
					<Attempts attempts={attempts} current={run.attempt} now={now} />
				</PanelBoundary>
			)}
			<PanelBoundary name="Steps">
				<div className="grid items-start gap-3.5 xl:grid-cols-2">
					<StepsTable title="Slowest steps" steps={steps.slowest} by="duration" />
					<StepsTable title="Most-failed steps" steps={steps.mostFailed} by="failures" />
				</div>
			</PanelBoundary>
			<PanelBoundary name="Raw payload">
				<Card title="Raw payload" note="as it was received, secrets removed">
					<div className="px-3.5 pb-3">
						<RawPayload id={run.id} />
						<p className="without-script text-sec text-t3">Showing it needs scripts.</p>
					</div>
				</Card>
			</PanelBoundary>
		</div>
	);
}

/** All attempts, the newest one as the run itself tells it. */
function attemptsOf({ run, attempts }: RunReport): RunReport["attempts"] {
	const { attempt, status, conclusionRaw, startedAt, finishedAt, durationMs, updatedAt } = run;
	const newest = { runId: run.id, attempt, status, conclusionRaw, startedAt, finishedAt, durationMs, updatedAt };
	return [...attempts.filter((one) => one.attempt !== attempt), newest];
}

/** The run could not be shown; the frame around it stays. */
export function ErrorBoundary() {
	return <ThingError thing="run" list="pipelines" />;
}
