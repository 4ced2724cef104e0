import type { ReactNode } from "react";

/** A panel: a bordered surface with a title row. `aside` stands at the row's right end. */
export function Card({ title, note, aside, children }: { title: string; note?: string; aside?: ReactNode; children: ReactNode }) {
	return (
		<section aria-label={title} className="min-w-0 rounded-card border border-line bg-s1">
			<header className="flex min-h-11 items-center gap-2 px-3.5 py-1.5">
				<h2 className="text-body font-semibold">{title}</h2>
				{note !== undefined && <span className="truncate text-sec text-t3">{note}</span>}
				<div className="ml-auto flex items-center gap-2">{aside}</div>
			</header>
			{children}
		</section>
	);
}
