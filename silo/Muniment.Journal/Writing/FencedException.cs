namespace Muniment.Journal.Writing;

/// <summary>Undoes a commit whose writer was overtaken. Never leaves the journal: callers see <see cref="CommitStatus.Fenced"/>.</summary>
internal sealed class FencedException() : Exception("another writer took over");
