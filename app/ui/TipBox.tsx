import * as Radix from "@radix-ui/react-tooltip";
import { useEffect, useId, useRef, useState } from "react";
import type { Tip } from "./tips.ts";

/** The floating tip itself, on Radix: it finds its place, stays inside the window, and Esc hides it before anything under it. */
export default function TipBox({ tip: { target, hide } }: { tip: Tip }) {
	const id = useId();
	const text = useTipText(target, hide);
	const place = usePlace(target);
	useEffect(() => {
		const before = target.getAttribute("aria-describedby");
		target.setAttribute("aria-describedby", before ? `${before} ${id}` : id);
		return () => {
			if (before === null) target.removeAttribute("aria-describedby");
			else target.setAttribute("aria-describedby", before);
		};
	}, [target, id]);
	const [head, ...rest] = text.split("\n");
	return (
		<Radix.Provider>
			<Radix.Root open onOpenChange={(open) => open || hide()}>
				<Radix.Trigger asChild>
					<span ref={place} aria-hidden="true" className="pointer-events-none fixed" />
				</Radix.Trigger>
				{/* Within the page's main part: what floats belongs to a landmark too. */}
				<Radix.Portal container={document.getElementById("main")}>
					<Radix.Content
						id={id}
						data-tip-box=""
						// A new element is a new place.
						key={text}
						sideOffset={6}
						collisionPadding={8}
						className="fade-in z-[60] max-w-72 rounded-ctl border border-line2 bg-s3 px-2.5 py-1.5 text-sec text-t2 shadow-float"
					>
						<p className={rest.length > 0 ? "font-semibold text-t1" : "text-t1"}>{head}</p>
						{rest.map((line) => (
							<p key={line}>{line}</p>
						))}
					</Radix.Content>
				</Radix.Portal>
			</Radix.Root>
		</Radix.Provider>
	);
}

/** What the element's tip says, also when that changes; an element that goes takes its tip along. */
function useTipText(target: Element, hide: () => void): string {
	const [text, setText] = useState("");
	useEffect(() => {
		const read = () => {
			const now = target.isConnected ? target.getAttribute("data-tip") : null;
			if (now) setText(now);
			else hide();
		};
		read();
		const observer = new MutationObserver(read);
		observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-tip"] });
		return () => observer.disconnect();
	}, [target, hide]);
	return text;
}

/** Lays an invisible element exactly over another one. */
function usePlace(target: Element) {
	const place = useRef<HTMLSpanElement>(null);
	useEffect(() => {
		const { left, top, width, height } = target.getBoundingClientRect();
		Object.assign(place.current?.style ?? {}, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
	}, [target]);
	return place;
}
