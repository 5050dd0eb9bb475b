namespace Muniment.Journal.Text;

/// <summary>Takes words one after the other.</summary>
internal interface IWordVisitor
{
    /// <summary>One case-folded word in UTF-8; not kept.</summary>
    void Visit(ReadOnlySpan<byte> word);
}
