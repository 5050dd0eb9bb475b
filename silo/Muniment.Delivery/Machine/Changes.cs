namespace Muniment.Delivery.Machine;

/// <summary>What must be stored together with the state: everything or nothing.</summary>
public sealed class Changes
{
    /// <summary>New receipts.</summary>
    public List<Receipt> Receipts { get; } = [];

    /// <summary>New dead letters; one of the same seq is replaced, keeping its first time and adding its attempts.</summary>
    public List<DeadLetter> DeadLetters { get; } = [];

    /// <summary>Seqs whose dead letters are gone.</summary>
    public List<long> Redeemed { get; } = [];

    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => Receipts.Count == 0 && DeadLetters.Count == 0 && Redeemed.Count == 0;
}
