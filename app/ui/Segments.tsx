import { Link, type LinkProps } from "@remix-run/react";

/** One of a few views. `words` is what is heard where the label is short. */
export type Choice = { key: string; label: string; words?: string; to: LinkProps["to"]; isOn: boolean };

/** A few views of the same, one of them on. Links, so that the address says it and Back undoes it. */
export function Segments({ name, choices }: { name: string; choices: Choice[] }) {
	return (
		<nav aria-label={name} className="flex rounded-ctl border border-line2 bg-s1 p-px">
			{choices.map(({ key, label, words, to, isOn }) => (
				<Link
					key={key}
					to={to}
					preventScrollReset
					aria-current={isOn ? "true" : undefined}
					aria-label={words}
					className="target inline-flex h-6.5 items-center justify-center rounded-badge px-2.5 text-sec font-medium text-t2 hover:text-t1 aria-[current=true]:bg-on aria-[current=true]:text-t1"
				>
					{label}
				</Link>
			))}
		</nav>
	);
}
