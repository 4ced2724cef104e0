import { Link, useParams, useRevalidator } from "@remix-run/react";
import { useRootData } from "../../root.tsx";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { ErrorCard, useToldError } from "../../ui/ErrorCard.tsx";

const LISTS = { deployments: "Deployments", pipelines: "Pipelines" } as const;

/** The error of a page about one thing: that there is none, and where the others are; or that it could not be loaded, and once more. */
export function ThingError({ thing, list }: { thing: string; list: keyof typeof LISTS }) {
	const told = useToldError(useRootData()?.requestId ?? null);
	const { revalidate, state } = useRevalidator();
	const { team } = useParams();
	const isUnknown = told.title === "Not found";
	return (
		<div className="pt-6">
			<ErrorCard told={{ ...told, title: isUnknown ? `No such ${thing}` : `This ${thing} could not be loaded` }}>
				{isUnknown ? (
					<Link to={`/t/${team}/${list}`} className={buttonClass()}>
						Go to {LISTS[list]}
					</Link>
				) : (
					<Button onClick={revalidate} busy={state === "loading"} className="needs-script">
						Try again
					</Button>
				)}
			</ErrorCard>
		</div>
	);
}
