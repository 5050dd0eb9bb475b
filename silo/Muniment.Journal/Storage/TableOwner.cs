using System.Collections.Immutable;

namespace Muniment.Journal.Storage;

/// <summary>The tables of one part of the platform and how they came to be.</summary>
/// <param name="Name">Stable name of the part, for example <c>journal</c> or <c>delivery</c>.</param>
/// <param name="Migrations">All steps ever shipped, in order, numbered from 1 without holes.</param>
public sealed record TableOwner(string Name, ImmutableArray<Migration> Migrations);

/// <summary>One step of a schema. Never changed once shipped; a correction is a further step.</summary>
/// <param name="Version">Number of the step, from 1.</param>
/// <param name="Sql">
/// Statements that both dialects understand, with these placeholders: <c>{blob}</c> the type of byte strings, <c>{external}</c> after a column of compressed
/// bytes (kept out of line, not compressed again), <c>{without_rowid}</c> after a table whose rows are small and found by their key only.
/// </param>
public sealed record Migration(int Version, string Sql);
