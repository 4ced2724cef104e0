import { useLocation, useParams } from "@remix-run/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { formatBytes } from "../../format/number.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyIcon, TickIcon } from "../../ui/icons.tsx";
import { Skeleton, SkeletonAfter } from "../../ui/Skeleton.tsx";
import { TimeText } from "../../ui/TimeText.tsx";

type Payload = { delivery_id: string; source: string; event: string; received_at: string; body: unknown };
type Loaded =
	| { state: "loading" }
	| { state: "failed"; message: string; requestId: string | null }
	| { state: "here"; payloads: Payload[] };

/** The redacted payloads that spoke of a run, fetched when they are asked for: opened by hand, or by an address ending in #raw. */
export function RawPayload({ id }: { id: string }) {
	const { hash } = useLocation();
	const [isOpen, setOpen] = useState(false);
	const details = useRef<HTMLDetailsElement>(null);
	// A browser opens it without us: what was opened before the scripts came counts too.
	useEffect(() => {
		if (hash === "#raw" || details.current?.open) setOpen(true);
	}, [hash]);
	return (
		<details ref={details} open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="needs-script">
			<summary className="target flex h-8 items-center rounded-ctl text-sec font-medium text-acc hover:underline">
				{isOpen ? "Hide raw payload" : "Show raw payload"}
			</summary>
			{isOpen && <Payloads key={id} id={id} />}
		</details>
	);
}

function Payloads({ id }: { id: string }) {
	const { team } = useParams();
	const [loaded, setLoaded] = useState<Loaded>({ state: "loading" });
	const load = useCallback(
		async (signal?: AbortSignal) => {
			setLoaded({ state: "loading" });
			const next = await fetchPayloads(`/api/runs/${encodeURIComponent(id)}/raw?team=${team}`, signal);
			if (!signal?.aborted) setLoaded(next);
		},
		[id, team],
	);
	useEffect(() => {
		const gone = new AbortController();
		void load(gone.signal);
		return () => gone.abort();
	}, [load]);

	if (loaded.state === "loading") {
		return (
			<div aria-busy="true" className="mt-2">
				<SkeletonAfter>
					<Skeleton className="h-60" />
				</SkeletonAfter>
			</div>
		);
	}
	if (loaded.state === "failed") {
		return (
			<div role="alert" className="mt-2 rounded-ctl border border-line p-3 text-sec text-t2">
				<p>{loaded.message}</p>
				<div className="mt-2 flex flex-wrap items-center gap-3">
					<Button size="sm" onClick={() => void load()}>
						Try again
					</Button>
					{loaded.requestId !== null && <code className="font-mono text-t3 select-all">req {loaded.requestId}</code>}
				</div>
			</div>
		);
	}
	const kept = loaded.payloads.filter(({ body }) => body !== null);
	if (kept.length === 0) return <p className="mt-2 text-sec text-t2">The payloads of this run are no longer kept.</p>;
	return (
		<ul className="mt-2 flex flex-col gap-3">
			{kept.map((payload) => (
				<li key={payload.delivery_id}>
					<PayloadText payload={payload} />
				</li>
			))}
		</ul>
	);
}

function PayloadText({ payload: { event, received_at, body } }: { payload: Payload }) {
	const [isCopied, setCopied] = useState(false);
	const text = JSON.stringify(body, null, 2);
	return (
		<>
			<div className="flex items-center gap-2 text-sec text-t3">
				<span className="truncate font-mono">{event}</span>
				<TimeText at={Date.parse(received_at)} />
				<span>{formatBytes(text.length)}</span>
				<Button
					tone="quiet"
					size="sm"
					className="ml-auto"
					onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
				>
					{isCopied ? <TickIcon className="size-3.5 text-ok" /> : <CopyIcon className="size-3.5" />}
					{isCopied ? "Copied" : "Copy"}
				</Button>
			</div>
			<pre
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
				tabIndex={0}
				className="mt-1 max-h-96 overflow-auto rounded-ctl border border-line bg-bg p-3 font-mono text-mono text-t2"
			>
				{text}
			</pre>
		</>
	);
}

async function fetchPayloads(address: string, signal?: AbortSignal): Promise<Loaded> {
	const refused = { state: "failed" as const, requestId: null, message: "The payloads could not be loaded. Try again in a moment." };
	try {
		const answer = await fetch(address, { headers: { accept: "application/json" }, ...(signal ? { signal } : {}) });
		const body: unknown = await answer.json();
		if (answer.ok) return { state: "here", payloads: (body as { payloads: Payload[] }).payloads };
		const error = (body as { error?: { message?: unknown; request_id?: unknown } }).error ?? {};
		return {
			state: "failed",
			message: typeof error.message === "string" ? error.message : refused.message,
			requestId: typeof error.request_id === "string" ? error.request_id : answer.headers.get("x-request-id"),
		};
	} catch {
		return refused;
	}
}
