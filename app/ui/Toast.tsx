import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useRef, useState } from "react";

const ToastBox = lazy(() => import("./ToastBox.tsx"));

/** What one did, in a few words, and how to take it back. */
export type Toast = { text: string; undo?: () => void };

const ToastContext = createContext<(toast: Toast) => void>(() => {});

/** Say that a small act of one's own is done. Errors and anything dangerous are said in place instead. */
export function useToast(): (toast: Toast) => void {
	return useContext(ToastContext);
}

/** The place where toasts appear, one at a time. */
export function ToastProvider({ children }: { children: ReactNode }) {
	// The number makes each one its own, so that no hold on the one before stays with it.
	const [toast, setToast] = useState<(Toast & { no: number }) | null>(null);
	const count = useRef(0);
	const show = useCallback((next: Toast) => setToast({ ...next, no: ++count.current }), []);
	const close = useCallback(() => setToast(null), []);
	return (
		<ToastContext.Provider value={show}>
			{children}
			{/* Always there: a screen reader hears only what changes inside a region it knows. */}
			<div
				role="status"
				className="no-print fixed inset-x-3 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-50 sm:right-auto sm:bottom-4 sm:left-18 lg:left-58"
			>
				{toast && (
					<Suspense fallback={null}>
						<ToastBox key={toast.no} toast={toast} onClose={close} />
					</Suspense>
				)}
			</div>
		</ToastContext.Provider>
	);
}
