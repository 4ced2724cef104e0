import { useEffect, useRef, useState } from "react";
import { Button } from "./Button.tsx";
import { CopyIcon, TickIcon } from "./icons.tsx";

const COPIED_MS = 2000;

/** A value to take somewhere else. A secret stays masked until asked for; without scripts it is shown, or nobody could take it. */
export function CopyField({ label, value, secret = false }: { label: string; value: string; secret?: boolean }) {
	const [isShown, setIsShown] = useState(!secret);
	const [isCopied, setIsCopied] = useState(false);
	const text = useRef<HTMLElement>(null);
	useEffect(() => {
		if (!isCopied) return;
		const timer = setTimeout(setIsCopied, COPIED_MS, false);
		return () => clearTimeout(timer);
	}, [isCopied]);
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(value);
			setIsCopied(true);
		} catch {
			// No clipboard over plain HTTP, or not allowed: then it is shown and marked, ready for the keys.
			setIsShown(true);
			requestAnimationFrame(() => text.current && window.getSelection()?.selectAllChildren(text.current));
		}
	};
	return (
		<div className="w-full min-w-0">
			<p className="mb-1 text-sec font-medium text-t2">{label}</p>
			<div className="flex min-w-0 items-center gap-1 rounded-ctl border border-ctl bg-bg py-0.5 pr-0.5 pl-2.5">
				{isShown ? (
					<code ref={text} className="min-w-0 flex-1 font-mono text-mono break-all whitespace-pre-wrap">
						{value}
					</code>
				) : (
					<span className="min-w-0 flex-1 font-mono text-mono text-t2">
						<span className="needs-script">
							<span aria-hidden="true">••••••••••••</span>
							<span className="sr-only">Hidden</span>
						</span>
						<code className="without-script break-all whitespace-pre-wrap">{value}</code>
					</span>
				)}
				<span className="needs-script flex items-center gap-1">
					{secret && (
						<Button tone="quiet" size="sm" aria-label={`${isShown ? "Hide" : "Show"} ${label}`} onClick={() => setIsShown(!isShown)}>
							{isShown ? "Hide" : "Show"}
						</Button>
					)}
					<Button tone="quiet" size="sm" aria-label={isCopied ? `Copied ${label}` : `Copy ${label}`} onClick={copy} className="min-w-18">
						{isCopied ? <TickIcon className="size-3.5 text-ok" /> : <CopyIcon className="size-3.5" />}
						{isCopied ? "Copied" : "Copy"}
					</Button>
					<span role="status" className="sr-only">
						{isCopied ? "Copied" : ""}
					</span>
				</span>
			</div>
		</div>
	);
}
