import { type PointerEvent, useEffect, useRef, useState } from "react";
import { UndoIcon } from "../../ui/icons-more.tsx";

/** How long a finger has to stay. @source design brief, 3.8 */
const HOLD_MS = 1200;

type HoldProps = {
	words: string;
	/** What is typed instead, for who can't hold. */
	word: string;
	disabled: boolean;
	/** Id of what says why it is disabled. */
	whyId?: string | undefined;
	onHeld: () => void;
	/** Asked for with a key, or by what presses without holding. */
	onType: () => void;
};

/**
 * A button that acts once it has been held: it fills meanwhile, and letting go takes it back. Where the finger goes while it holds does
 * not matter. Keys lead to the typed way.
 */
export function HoldButton({ words, word, disabled, whyId, onHeld, onType }: HoldProps) {
	const fill = useRef<HTMLSpanElement>(null);
	const held = useRef<{ timer: ReturnType<typeof setTimeout>; frame: number } | null>(null);
	const [hint, setHint] = useState("");

	const release = () => {
		if (!held.current) return;
		clearTimeout(held.current.timer);
		cancelAnimationFrame(held.current.frame);
		held.current = null;
		if (fill.current) fill.current.style.width = "0";
	};
	useEffect(() => release, []);

	const hold = (event: PointerEvent<HTMLButtonElement>) => {
		if (disabled || event.button !== 0) return;
		release();
		setHint("");
		event.currentTarget.setPointerCapture(event.pointerId);
		navigator.vibrate?.(12);
		const since = performance.now();
		// By hand and not as an animation: where motion is unwelcome one still has to see how far it is.
		const grow = () => {
			if (!held.current || !fill.current) return;
			fill.current.style.width = `${Math.min(100, ((performance.now() - since) / HOLD_MS) * 100)}%`;
			held.current.frame = requestAnimationFrame(grow);
		};
		const timer = setTimeout(() => {
			release();
			navigator.vibrate?.([30, 40, 60]);
			onHeld();
		}, HOLD_MS);
		held.current = { timer, frame: requestAnimationFrame(grow) };
	};
	const letGo = () => {
		if (!held.current) return;
		release();
		setHint("Keep holding until it is full.");
	};

	return (
		<div className="w-full">
			<button
				type="button"
				aria-disabled={disabled || undefined}
				aria-describedby={whyId}
				aria-label={`${words}. Hold, or press Enter to type ${word}`}
				onPointerDown={hold}
				onPointerUp={letGo}
				onPointerCancel={letGo}
				onContextMenu={(event) => event.preventDefault()}
				onClick={(event) => {
					// A press that comes from no pointer counts no clicks: a key, or what speaks for a hand.
					if (event.detail === 0 && !disabled) onType();
				}}
				className="relative flex h-15 w-full touch-none items-center justify-center gap-2 overflow-hidden rounded-[14px] border border-bad-fill bg-bad-bg text-body font-semibold text-t1 select-none disabled-look:cursor-not-allowed disabled-look:border-line2 disabled-look:bg-s2 disabled-look:text-t3"
			>
				<span ref={fill} aria-hidden="true" className="absolute inset-y-0 left-0 w-0 bg-bad-fill" />
				<span className="relative flex items-center gap-2 mix-blend-normal">
					<UndoIcon className="size-5" />
					{words}
				</span>
			</button>
			<p role="status" className="mt-1 text-center text-sec text-t2 empty:hidden">
				{hint}
			</p>
		</div>
	);
}
