import clsx from "clsx";
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import { formatDuration } from "../../format/duration.ts";
import { Button } from "../../ui/Button.tsx";
import { InfoIcon, StopIcon, TriangleIcon } from "../../ui/icons.tsx";
import { UndoIcon } from "../../ui/icons-more.tsx";
import { Kbd } from "../../ui/Kbd.tsx";
import { FIELD } from "../shell/fields.ts";
import { Avatar } from "../shell/Person.tsx";
import { needsReason } from "./ask.ts";
import { HoldButton } from "./HoldButton.tsx";
import { OfferView } from "./OfferView.tsx";
import type { Ask } from "./use-ask.ts";

const WHY_ID = "rollback-why";

type BodyProps = {
	ask: Ask;
	/** What changed under it, in a sentence, and how to look again. */
	changed: string | null;
	onReview: () => void;
	/** Somebody is rolling back here already. */
	others: { words: string; onWatch: () => void } | null;
	/** Why the last try was refused. */
	refused: { told: string; requestId: string } | null;
	target: RefObject<HTMLDivElement>;
	onChoose: (deploymentId: string) => void;
	onSend: () => void;
};

/** The dialog's content: what it changes, why, and the typed word. */
export function AskBody({ ask, changed, onReview, others, refused, target, onChoose, onSend }: BodyProps) {
	const { form, reason, setReason, typed, setTyped, confirmation, isReady } = ask;
	const { offer } = form;
	const isRequired = needsReason(offer);
	const word = useRef<HTMLInputElement>(null);
	const wasHold = useRef(confirmation === "hold");
	// Whoever left holding for typing goes on in the field.
	useEffect(() => {
		if (wasHold.current && confirmation === "word") word.current?.focus();
		wasHold.current = confirmation === "hold";
	}, [confirmation]);
	/** ⌘↵ sends from anywhere in the form; Enter alone only from the typed word. */
	const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
		if (event.key !== "Enter") return;
		event.preventDefault();
		const isSending = event.metaKey || event.ctrlKey || event.currentTarget === word.current;
		if (isSending && isReady && confirmation !== "hold") onSend();
	};
	return (
		<div className="flex flex-col gap-3.5">
			{others !== null && (
				<Notice tone="run">
					<span className="min-w-0 flex-1">{others.words}</span>
					<Button size="sm" onClick={others.onWatch}>
						Watch
					</Button>
				</Notice>
			)}
			{changed !== null && others === null && (
				<Notice tone="warn">
					<span className="min-w-0 flex-1">{changed}</span>
					<Button size="sm" onClick={onReview}>
						Review again
					</Button>
				</Notice>
			)}
			<OfferView offer={offer} target={target} onChoose={onChoose} />
			<div className={clsx("grid gap-3.5", confirmation === "word" && "sm:grid-cols-[minmax(0,1fr)_13rem]")}>
				<label className="block">
					<span className="mb-1 block text-sec font-medium text-t2">
						Reason <span className="font-normal text-t3">({isRequired ? "nothing is failing: say why" : "goes to the audit log"})</span>
					</span>
					<input
						value={reason}
						onChange={(event) => setReason(event.target.value)}
						onKeyDown={onKeyDown}
						maxLength={300}
						required={isRequired}
						autoComplete="off"
						className={FIELD}
					/>
				</label>
				{confirmation === "word" && (
					<label className="block">
						<span className="mb-1 block text-sec font-medium text-t2">
							Type <strong className="text-t1">{offer.word}</strong> to confirm
						</span>
						<input
							ref={word}
							value={typed}
							onChange={(event) => setTyped(event.target.value)}
							onKeyDown={onKeyDown}
							autoComplete="off"
							autoCapitalize="off"
							spellCheck={false}
							className={FIELD}
						/>
					</label>
				)}
			</div>
			<p role="alert" className="flex items-start gap-1.5 text-body text-bad empty:hidden">
				{refused && (
					<>
						<StopIcon className="mt-0.5 size-4" />
						<span className="min-w-0 break-words">
							{refused.told} <code className="font-mono text-sec text-t3">req {refused.requestId}</code>
						</span>
					</>
				)}
			</p>
		</div>
	);
}

/** Who does it, how long it usually takes, and the one button. */
export function AskFooter({ ask, isBusy, close, onSend }: { ask: Ask; isBusy: boolean; close: () => void; onSend: () => void }) {
	const { form, confirmation, why, isReady, typeInstead } = ask;
	const { offer, me } = form;
	const words = `Roll back ${offer.environment.name}`;
	const usually = offer.usuallyMs === null ? "has to take less than 2 min" : `usually takes ${formatDuration(offer.usuallyMs)}`;
	return (
		<>
			<p className="flex min-w-0 flex-1 basis-56 items-center gap-2 text-sec text-t2">
				<Avatar name={me} size="sm" />
				<span className="min-w-0">
					As {me} · {usually}
				</span>
			</p>
			{why !== null && (
				<p id={WHY_ID} className="flex w-full items-start gap-1.5 text-sec text-t2 sm:order-first">
					<InfoIcon className="mt-0.5 size-4" />
					{why}
				</p>
			)}
			{confirmation === "hold" ? (
				<div className="flex w-full flex-col items-center gap-1">
					<HoldButton
						words={isBusy ? "Asking…" : `Hold to roll back ${offer.word}`}
						word={offer.word}
						disabled={!isReady || isBusy}
						whyId={why === null ? undefined : WHY_ID}
						onHeld={onSend}
						onType={typeInstead}
					/>
					<button type="button" onClick={typeInstead} className="target text-sec text-t2 underline underline-offset-2 hover:text-t1">
						Can’t hold? Type “{offer.word}” instead
					</button>
				</div>
			) : (
				<>
					<Button onClick={close}>
						Cancel
						<span className="max-sm:hidden">
							<Kbd keys="Esc" />
						</span>
					</Button>
					<Button
						tone="danger"
						busy={isBusy}
						aria-disabled={!isReady || undefined}
						aria-describedby={why === null ? undefined : WHY_ID}
						onClick={onSend}
						className="max-sm:h-12 max-sm:flex-1"
					>
						<UndoIcon className="size-4" />
						{words}
					</Button>
				</>
			)}
		</>
	);
}

function Notice({ tone, children }: { tone: "warn" | "run"; children: React.ReactNode }) {
	return (
		<div
			role="status"
			className={clsx(
				"flex flex-wrap items-center gap-x-3 gap-y-2 rounded-card border px-3 py-2 text-body",
				tone === "warn" ? "border-warn-fill bg-warn-bg" : "border-run-fill bg-run-bg",
			)}
		>
			{tone === "warn" && <TriangleIcon className="size-4 text-warn" />}
			{children}
		</div>
	);
}
