import { useLocation, useRevalidator } from "@remix-run/react";
import { type ReactNode, useEffect, useState } from "react";
import type { Phase } from "../../live/connection.ts";
import { useRefreshFailure } from "../../live/keep-last.ts";
import { useLiveLink, useLiveStatus } from "../../live/use-live.ts";
import { toldOf } from "../../ui/ErrorCard.tsx";
import { DashedRingIcon, TriangleIcon } from "../../ui/icons.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { isCutOff } from "./live-words.ts";
import { useHeldPage } from "./use-held-page.ts";

/** A connection lost for this long is worth interrupting a screen reader for. */
const ALERT_AFTER_MS = 10_000;

/** Says that live updates are lost, since when, and what to do. It lies over the page's top padding and pushes nothing. */
export function LiveBanner() {
	const link = useLiveLink();
	const { phase, heardAt, isWatched } = useLiveStatus();
	const { pathname, search } = useLocation();
	const isHeld = useHeldPage();
	const failure = useRefreshFailure(pathname + search);
	const asOf = <TimeText at={heardAt} as="clock" className="font-semibold text-t1" />;
	// A page that nothing flows into has nothing to lose.
	if (!isWatched) return null;
	const retry = (
		<button type="button" onClick={link.retry} className="hit ml-auto shrink-0 font-medium text-t1 underline underline-offset-2">
			Retry
		</button>
	);
	return (
		<div className="relative z-20 h-0">
			<LostAlert phase={phase} />
			{failure && !isCutOff(phase) && <RefreshFailed error={failure.error} asOf={asOf} />}
			{phase === "reconnecting" && (
				<Strip tone="warn">
					<span className="truncate">
						Live updates lost. Retrying… <span className="whitespace-nowrap">Data as of {asOf}.</span>
						{isHeld && <Held words="The page you chose opens when the connection is back." />}
					</span>
					{retry}
				</Strip>
			)}
			{phase === "offline" && (
				<Strip tone="idle">
					<span className="truncate">
						You are offline. {isHeld ? <Held words="This page opens when the connection is back." /> : <>Showing data as of {asOf}.</>}
					</span>
					{retry}
				</Strip>
			)}
			{phase === "signedOut" && (
				<Strip tone="warn">
					<span className="truncate">Session ended. Sign in to continue</span>
					<a
						href={`/login?next=${encodeURIComponent(pathname + search)}`}
						className="ml-auto shrink-0 font-medium text-t1 underline underline-offset-2"
					>
						Sign in
					</a>
				</Strip>
			)}
		</div>
	);
}

/** Said aloud too: a press led nowhere for now. */
function Held({ words }: { words: string }) {
	return <span role="status"> {words}</span>;
}

/** The last refresh brought nothing, though news still come: the server's own sentence, and the id to quote. */
function RefreshFailed({ error, asOf }: { error: unknown; asOf: ReactNode }) {
	const { revalidate, state } = useRevalidator();
	const { message, requestId } = toldOf(error, null);
	return (
		<Strip tone="warn">
			<span role="status" className="truncate">
				Could not refresh. <span className="whitespace-nowrap">Data as of {asOf}.</span> {message}
			</span>
			{requestId !== null && <code className="shrink-0 font-mono text-t3 select-all max-sm:hidden">req {requestId}</code>}
			<button
				type="button"
				onClick={revalidate}
				disabled={state !== "idle"}
				className="target ml-auto shrink-0 font-medium text-t1 underline underline-offset-2"
			>
				Try again
			</button>
		</Strip>
	);
}

function Strip({ tone, children }: { tone: "warn" | "idle"; children: ReactNode }) {
	const look = tone === "warn" ? "border-warn-fill bg-warn-bg" : "border-line2 bg-idle-bg";
	return (
		<div className={`flex h-9 items-center gap-2 border-b px-4 text-sec text-t2 sm:px-5 ${look}`}>
			{tone === "warn" ? <TriangleIcon className="size-4 text-warn" /> : <DashedRingIcon className="size-4 text-idle" />}
			{children}
		</div>
	);
}

function LostAlert({ phase }: { phase: Phase }) {
	const [isLong, setIsLong] = useState(false);
	// Tries that open and say nothing do not begin the ten seconds anew.
	const isLost = phase !== "live" && phase !== "polling";
	useEffect(() => {
		if (!isLost) return setIsLong(false);
		const timer = setTimeout(() => setIsLong(true), ALERT_AFTER_MS);
		return () => clearTimeout(timer);
	}, [isLost]);
	if (!isLong) return null;
	return (
		<p role="alert" className="sr-only">
			Live updates are lost. What is shown may be out of date.
		</p>
	);
}
