import { useEffect, useRef, useState } from "react";
import { IconButton } from "./Button.tsx";
import { CloseIcon } from "./icons.tsx";
import type { Toast } from "./Toast.tsx";

const SHOWN_MS = 6000;

/** One toast: six seconds, longer while pointed at or focused. */
export default function ToastBox({ toast, onClose }: { toast: Toast; onClose: () => void }) {
	const box = useRef<HTMLDivElement>(null);
	const [isHeld, setIsHeld] = useState(false);
	useEffect(() => {
		if (isHeld) return;
		const timer = setTimeout(onClose, SHOWN_MS);
		return () => clearTimeout(timer);
	}, [isHeld, onClose]);
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: only waits while someone is reading or about to press
		<div
			ref={box}
			onPointerEnter={() => setIsHeld(true)}
			onPointerLeave={() => setIsHeld(box.current?.contains(document.activeElement) ?? false)}
			onFocus={() => setIsHeld(true)}
			onBlur={() => setIsHeld(false)}
			onKeyDown={(event) => {
				if (event.key !== "Escape") return;
				// Only the toast goes, not the panel behind it.
				event.preventDefault();
				onClose();
			}}
			className="slide-in flex min-h-10 items-center gap-3 rounded-card border border-line2 bg-s3 py-1 pr-1 pl-3.5 text-body shadow-float"
		>
			<span className="min-w-0 flex-1">{toast.text}</span>
			{toast.undo && (
				<button
					type="button"
					onClick={() => {
						onClose();
						toast.undo?.();
					}}
					className="target rounded-ctl px-2 py-1 font-medium text-acc"
				>
					Undo
				</button>
			)}
			<IconButton name="Close" onClick={onClose}>
				<CloseIcon />
			</IconButton>
		</div>
	);
}
