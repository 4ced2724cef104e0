import { useEffect, useRef } from "react";

/** A figure that changes where it stands, with a short tint behind it when it does. The first one appears quietly. */
export function ChangingText({ text, className = "" }: { text: string; className?: string }) {
	const first = useRef(text);
	const hasChanged = useRef(false);
	if (text !== first.current) hasChanged.current = true;
	useEffect(() => {
		first.current = text;
	}, [text]);
	return (
		// The key makes a new element, and with it the tint begins anew.
		<span key={text} className={`${className} ${hasChanged.current ? "changed" : ""}`}>
			{text}
		</span>
	);
}
