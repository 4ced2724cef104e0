import { lazy, type ReactNode, type RefObject, Suspense, useEffect, useRef, useState } from "react";

const DialogBox = lazy(() => import("./DialogBox.tsx"));

/** What a dialog says and how it is steered. */
export type DialogProps = {
	open: boolean;
	onOpenChange: (open: boolean) => void;
	title: string;
	description?: string;
	children: ReactNode;
	/** Its buttons. They stay in sight while the content scrolls. */
	footer?: ReactNode;
	wide?: boolean;
	/** What has the focus first; without it the first thing that can have it. */
	first?: RefObject<HTMLElement>;
};

/** A modal dialog; a sheet from below on phones. What draws it is loaded when the first one opens. */
export function Dialog(props: DialogProps) {
	const { open } = props;
	const [wasOpen, setWasOpen] = useState(false);
	const opener = useRef<HTMLElement | null>(null);
	useEffect(() => {
		if (!open) return;
		opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
		setWasOpen(true);
	}, [open]);
	// Not before the browser has the page: a server has nowhere to put it.
	if (!wasOpen) return null;
	return (
		<Suspense fallback={null}>
			<DialogBox {...props} returnFocus={() => opener.current?.focus()} />
		</Suspense>
	);
}
