import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react";
import { IconButton } from "./Button.tsx";
import { CloseIcon } from "./icons.tsx";

/** What one did, in a few words, and how to take it back. */
export type Toast = { text: string; undo?: () => void };

const SHOWN_MS = 6000;

const ToastContext = createContext<(toast: Toast) => void>(() => {});

/** Say that a small act of one's own is done. Errors and anything dangerous are said in place instead. */
export function useToast(): (toast: Toast) => void {
	return useContext(ToastContext);
}

/** The place where toasts appear: one at a time, for six seconds, longer while pointed at or focused. */
export function ToastProvider({ children }: { children: ReactNode }) {
	// A new object each time, so that the same words twice are two toasts.
	const [toast, setToast] = useState<Toast | null>(null);
	const [isHeld, setIsHeld] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	const show = useCallback((next: Toast) => setToast({ ...next }), []);
	const close = () => {
		setToast(null);
		setIsHeld(false);
	};
	useEffect(() => {
		if (!toast || isHeld) return;
		const timer = setTimeout(setToast, SHOWN_MS, null);
		return () => clearTimeout(timer);
	}, [toast, isHeld]);
	return (
		<ToastContext.Provider value={show}>
			{children}
			{/* Always there: a screen reader hears only what changes inside a region it knows. */}
			<div
				ref={box}
				role="status"
				className="no-print fixed inset-x-3 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-50 empty:hidden sm:right-auto sm:bottom-4 sm:left-18 lg:left-58"
			>
				{toast && (
					// biome-ignore lint/a11y/noStaticElementInteractions: only waits while someone is reading or about to press
					<div
						onPointerEnter={() => setIsHeld(true)}
						onPointerLeave={() => setIsHeld(box.current?.contains(document.activeElement) ?? false)}
						onFocus={() => setIsHeld(true)}
						onBlur={() => setIsHeld(false)}
						onKeyDown={(event) => {
							if (event.key === "Escape") close();
						}}
						className="slide-in flex min-h-10 items-center gap-3 rounded-card border border-line2 bg-s3 py-1 pr-1 pl-3.5 text-body shadow-float"
					>
						<span className="min-w-0 flex-1">{toast.text}</span>
						{toast.undo && (
							<button
								type="button"
								onClick={() => {
									toast.undo?.();
									close();
								}}
								className="target rounded-ctl px-2 py-1 font-medium text-acc"
							>
								Undo
							</button>
						)}
						<IconButton name="Close" onClick={close}>
							<CloseIcon />
						</IconButton>
					</div>
				)}
			</div>
		</ToastContext.Provider>
	);
}
