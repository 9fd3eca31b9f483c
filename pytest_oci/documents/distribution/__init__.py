"""Models of the documents that a registry answers with (distribution-spec): tag list, referrers, error body."""
